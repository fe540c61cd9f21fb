#include "util/tree_sum.h"

#include <gtest/gtest.h>

#include <string>

namespace heed {
namespace {

// A sum that tells how it was made.
struct Trace {
  std::string text;
  Trace& operator+=(const Trace& other) {
    text = "(" + text + other.text + ")";
    return *this;
  }
};

std::string trace_of(const std::string& letters) {
  std::vector<Trace> values;
  for (char letter : letters) values.push_back({std::string(1, letter)});
  return tree_sum(std::move(values)).text;
}

TEST(TreeSum, HalvesAtPowersOfTwo) {
  EXPECT_EQ(trace_of("a"), "a");
  EXPECT_EQ(trace_of("abc"), "((ab)c)");
  EXPECT_EQ(trace_of("abcd"), "((ab)(cd))");
  EXPECT_EQ(trace_of("abcdefg"), "(((ab)(cd))((ef)g))");
}

TEST(TreeSum, OfSumsOfAsManyAsAPowerOfTwoIsTheSame) {
  std::vector<float> values;
  for (int i = 0; i < 12; ++i) values.push_back(1.0f / static_cast<float>(3 * i + 1));
  std::vector<float> sums;
  for (int i = 0; i < 12; i += 4) {
    sums.push_back(tree_sum(std::vector<float>(values.begin() + i, values.begin() + i + 4)));
  }
  EXPECT_EQ(tree_sum(sums), tree_sum(values));
}

}  // namespace
}  // namespace heed
