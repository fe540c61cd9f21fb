#include "decoding/sampling.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace heed {
namespace {

using testing::ElementsAre;
using Row = std::vector<float>;

Row logarithms(Row shares) {
  for (float& x : shares) x = std::log(x);
  return shares;
}

Row skewed() { return logarithms({0.5F, 0.05F, 0.3F, 0.1F, 0.05F}); }
Row even() { return logarithms({0.2F, 0.2F, 0.2F, 0.2F, 0.2F}); }

// The ids that are left of a row, all as they were.
std::vector<int64_t> left(const Row& x, const Row& before) {
  std::vector<int64_t> ids;
  for (int64_t id = 0; id < std::ssize(x); ++id) {
    if (!std::isfinite(x[id])) continue;
    EXPECT_EQ(x[id], before[id]);
    ids.push_back(id);
  }
  return ids;
}

std::vector<int64_t> top_k(const Row& row, int64_t k) {
  Row x = row;
  keep_top_k(x, k);
  return left(x, row);
}

std::vector<int64_t> top_p(const Row& row, double p) {
  Row x = row;
  keep_top_p(x, p);
  return left(x, row);
}

TEST(SamplingTest, TemperatureSharpensAndFlattens) {
  Row x = skewed();
  apply_temperature(x, 1);
  EXPECT_EQ(x, skewed());
  apply_temperature(x, 0.5);
  for (size_t i = 0; i < x.size(); ++i) {
    EXPECT_FLOAT_EQ(x[i] - x[0], 2 * (skewed()[i] - skewed()[0]));
  }
}

// Down to the smallest numbers there are, something can be drawn: the most probable piece.
TEST(SamplingTest, NoTemperatureLeavesNothingToDraw) {
  for (double temperature : {1e-40, 1e-300, 5e-324}) {
    Row x = skewed();
    apply_temperature(x, temperature);
    EXPECT_EQ(draw(x, {.seed = 1, .sentence = 2, .sample = 3, .position = 4}), 0) << temperature;
  }
  Row x = skewed();
  apply_temperature(x, 1e300);
  EXPECT_THAT(x, testing::Each(0.0F));
  Row barred = {-INFINITY, -1.0F, -INFINITY};
  apply_temperature(barred, 1e-40);
  EXPECT_EQ(draw(barred, {.seed = 1, .sentence = 2, .sample = 3, .position = 4}), 1);
}

TEST(SamplingTest, TopKLeavesTheMostProbable) {
  EXPECT_THAT(top_k(skewed(), 2), ElementsAre(0, 2));
  EXPECT_EQ(top_k(even(), 2).size(), 2u);
  for (int64_t k : {0, 5, 9}) EXPECT_EQ(top_k(skewed(), k).size(), 5u);
}

TEST(SamplingTest, TopPLeavesTheFewestThatHoldSoMuch) {
  EXPECT_THAT(top_p(skewed(), 0.79), ElementsAre(0, 2));
  EXPECT_EQ(top_p(even(), 0.79).size(), 4u);
  EXPECT_THAT(top_p(skewed(), 0.81), ElementsAre(0, 2, 3));
  EXPECT_THAT(top_p(skewed(), 0.01), ElementsAre(0));  // never nothing
  for (double p : {0.0, 1.0}) EXPECT_EQ(top_p(skewed(), p).size(), 5u);
}

// What the nucleus holds is counted among what top-k has left.
TEST(SamplingTest, TopPCountsWhatIsLeft) {
  Row x = skewed();
  keep_top_k(x, 2);
  keep_top_p(x, 0.6);
  EXPECT_THAT(left(x, skewed()), ElementsAre(0));  // 0.5 of 0.8
}

std::vector<int64_t> draw_many(const Row& row, uint64_t count, uint64_t seed) {
  std::vector<int64_t> drawn;
  for (uint64_t i = 0; i < count; ++i) drawn.push_back(draw(row, {seed, i, 0, 0}));
  return drawn;
}

TEST(SamplingTest, DrawsAreByTheShares) {
  constexpr int64_t kDraws = 20000;
  std::vector<int64_t> counts(5);
  for (int64_t id : draw_many(skewed(), kDraws, 1)) ++counts[id];
  std::vector<double> shares = {0.5, 0.05, 0.3, 0.1, 0.05};
  for (size_t id = 0; id < 5; ++id) {
    double deviation = std::sqrt(shares[id] * (1 - shares[id]) * kDraws);
    EXPECT_NEAR(static_cast<double>(counts[id]), shares[id] * kDraws, 4 * deviation) << id;
  }
}

TEST(SamplingTest, EveryPartOfTheKeyCounts) {
  Row uniform(1000, 0.0F);
  std::set<int64_t> drawn;
  std::vector<DrawKey> keys = {{1, 2, 3, 4}, {2, 2, 3, 4}, {1, 3, 3, 4}, {1, 2, 4, 4},
                               {1, 2, 3, 5}, {2, 1, 3, 4}, {1, 2, 4, 3}};
  for (const DrawKey& key : keys) drawn.insert(draw(uniform, key));
  EXPECT_EQ(drawn.size(), keys.size());
  EXPECT_EQ(draw(uniform, keys[0]), draw(uniform, keys[0]));
}

TEST(SamplingTest, WhatIsForbiddenIsNeverDrawn) {
  Row x = skewed();
  keep_top_k(x, 2);
  for (int64_t id : draw_many(x, 500, 3)) EXPECT_TRUE(id == 0 || id == 2);
  EXPECT_EQ(draw(Row(5, -INFINITY), {1, 1, 1, 1}), -1);
  EXPECT_EQ(draw(Row(5, NAN), {1, 1, 1, 1}), -1);
}

}  // namespace
}  // namespace heed
