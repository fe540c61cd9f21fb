#include "evaluation/chrf.h"

#include <gmock/gmock.h>

#include "util/error.h"

namespace heed {
namespace {

using testing::ElementsAre;

Counts count(const ChrfOptions& options, std::string_view hypothesis,
             const std::vector<std::string_view>& references) {
  return Chrf(options).statistics(hypothesis, references);
}

TEST(Chrf, CountsCharactersWithoutWhiteSpace) {
  EXPECT_THAT(count({.char_order = 2}, "a ab", {"aa\u3000é"}), ElementsAre(3, 3, 2, 2, 2, 1));
  EXPECT_THAT(count({.char_order = 1, .whitespace = true}, "a b", {"a c"}), ElementsAre(3, 3, 2));
}

TEST(Chrf, CountsNothingForAnOrderTheReferenceIsTooShortFor) {
  EXPECT_THAT(count({.char_order = 2}, "abc", {"a"}), ElementsAre(3, 1, 1, 0, 0, 0));
}

TEST(Chrf, SeparatesOnePunctuationMarkOfAWord) {
  // "(hi" and ")", then "hi" alone in the reference: no word matches but ")".
  EXPECT_THAT(count({.char_order = 0, .word_order = 1}, "(hi)", {"hi )"}), ElementsAre(2, 2, 1));
  EXPECT_THAT(count({.char_order = 0, .word_order = 1}, "(hi", {"( hi"}), ElementsAre(2, 2, 2));
}

TEST(Chrf, TakesTheReferenceWithTheBestScore) {
  EXPECT_THAT(count({.char_order = 1}, "abc", {"xyz", "abd", "abcdefghijkl"}),
              ElementsAre(3, 3, 2));
}

TEST(Chrf, NamesItself) {
  EXPECT_EQ(Chrf().name(), "chrF2");
  EXPECT_EQ(Chrf({.word_order = 2, .beta = 3}).name(), "chrF3++");
}

std::string usage_error(const ChrfOptions& options) {
  try {
    Chrf chrf(options);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Chrf, RefusesWrongOptions) {
  EXPECT_EQ(usage_error({.char_order = 17}), "char_order = 17: must be from 0 to 16");
  EXPECT_EQ(usage_error({.word_order = -1}), "word_order = -1: must be from 0 to 16");
  EXPECT_EQ(usage_error({.char_order = 0}),
            "char_order = 0 and word_order = 0: nothing to count; set one of them above 0");
  EXPECT_EQ(usage_error({.beta = 0}), "beta = 0: must be 1 or more (2 by default)");
}

}  // namespace
}  // namespace heed
