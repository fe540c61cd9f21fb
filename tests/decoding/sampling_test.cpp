#include "decoding/sampling.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include "kernels/torch.h"

#include <cmath>
#include <set>

namespace heed {
namespace {

using testing::ElementsAre;

// 2 x 5: 0.5, 0.05, 0.3, 0.1, 0.05 and 0.2 each.
Tensor matrix() {
  return torch::tensor({{0.5, 0.05, 0.3, 0.1, 0.05}, {0.2, 0.2, 0.2, 0.2, 0.2}}, torch::kFloat32)
      .log();
}

// The ids of a row that are left, all as they were.
std::vector<int64_t> left(const Tensor& x, int64_t row) {
  std::vector<int64_t> ids;
  for (int64_t id = 0; id < x.size(1); ++id) {
    if (!std::isfinite(x[row][id].item<float>())) continue;
    EXPECT_EQ(x[row][id].item<float>(), matrix()[row][id].item<float>());
    ids.push_back(id);
  }
  return ids;
}

TEST(SamplingTest, TopKLeavesTheMostProbable) {
  Tensor x = matrix();
  keep_top_k(x, 2);
  EXPECT_THAT(left(x, 0), ElementsAre(0, 2));
  EXPECT_EQ(left(x, 1).size(), 2u);
  for (int64_t k : {0, 5, 9}) {
    Tensor all = matrix();
    keep_top_k(all, k);
    EXPECT_TRUE(torch::equal(all, matrix()));
  }
}

TEST(SamplingTest, TopPLeavesTheFewestThatHoldSoMuch) {
  Tensor x = matrix();
  keep_top_p(x, 0.79);
  EXPECT_THAT(left(x, 0), ElementsAre(0, 2));
  EXPECT_EQ(left(x, 1).size(), 4u);
  x = matrix();
  keep_top_p(x, 0.81);
  EXPECT_THAT(left(x, 0), ElementsAre(0, 2, 3));
  x = matrix();
  keep_top_p(x, 0.01);  // never nothing
  EXPECT_THAT(left(x, 0), ElementsAre(0));
  for (double p : {0.0, 1.0}) {
    Tensor all = matrix();
    keep_top_p(all, p);
    EXPECT_TRUE(torch::equal(all, matrix()));
  }
}

// What the nucleus holds is counted among what top-k has left.
TEST(SamplingTest, TopPCountsWhatIsLeft) {
  Tensor x = matrix();
  keep_top_k(x, 2);
  keep_top_p(x, 0.6);
  EXPECT_THAT(left(x, 0), ElementsAre(0));  // 0.5 of 0.8
}

std::vector<int64_t> draw_many(const Tensor& row, int64_t count, uint64_t seed) {
  std::vector<DrawKey> keys;
  for (int64_t i = 0; i < count; ++i) keys.push_back({seed, static_cast<uint64_t>(i), 0, 0});
  return draw(row.expand({count, row.size(0)}).contiguous(), keys);
}

TEST(SamplingTest, DrawsAreByTheShares) {
  constexpr int64_t kDraws = 20000;
  std::vector<int64_t> counts(5);
  for (int64_t id : draw_many(matrix()[0], kDraws, 1)) ++counts[id];
  std::vector<double> shares = {0.5, 0.05, 0.3, 0.1, 0.05};
  for (size_t id = 0; id < 5; ++id) {
    double deviation = std::sqrt(shares[id] * (1 - shares[id]) * kDraws);
    EXPECT_NEAR(static_cast<double>(counts[id]), shares[id] * kDraws, 4 * deviation) << id;
  }
}

TEST(SamplingTest, EveryPartOfTheKeyCounts) {
  Tensor uniform = torch::zeros({1, 1000});
  std::set<int64_t> drawn;
  std::vector<DrawKey> keys = {{1, 2, 3, 4}, {2, 2, 3, 4}, {1, 3, 3, 4}, {1, 2, 4, 4},
                               {1, 2, 3, 5}, {2, 1, 3, 4}, {1, 2, 4, 3}};
  for (const DrawKey& key : keys) drawn.insert(draw(uniform, {key})[0]);
  EXPECT_EQ(drawn.size(), keys.size());
  EXPECT_EQ(draw(uniform, {keys[0]}), draw(uniform, {keys[0]}));
}

TEST(SamplingTest, WhatIsForbiddenIsNeverDrawn) {
  Tensor x = matrix();
  keep_top_k(x, 2);
  for (int64_t id : draw_many(x[0], 500, 3)) EXPECT_TRUE(id == 0 || id == 2);
  Tensor nothing = torch::full({1, 5}, -INFINITY);
  EXPECT_THAT(draw(nothing, {{1, 1, 1, 1}}), ElementsAre(-1));
  EXPECT_THAT(draw(nothing + NAN, {{1, 1, 1, 1}}), ElementsAre(-1));
}

}  // namespace
}  // namespace heed
