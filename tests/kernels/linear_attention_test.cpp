#include "kernels/linear_attention.h"

#include <gtest/gtest.h>
#include "kernels/torch.h"

#include "model/golden.h"

namespace heed::kernels {
namespace {

using golden::expect_close;

TEST(LinearAttentionStep, EqualsTheReferenceStepByStep) {
  torch::manual_seed(1);
  for (int64_t width : {1, 8, 33, 64}) {
    int64_t heads = 3;
    at::Tensor sums = at::zeros({4, heads, width, width + 1}), expected_sums = sums;
    at::Tensor parents;
    for (int64_t rows : {4, 7, 7, 2}) {
      if (rows != 4) parents = at::randint(sums.size(0), {rows}, at::kInt);
      at::Tensor projected = at::randn({rows, 3 * heads * width}) * 2;
      auto found = linear_attention_step(projected, sums, parents);
      auto expected = linear_attention_step_reference(projected, expected_sums, parents);
      expect_close(found.context, expected.context, 1e-4);
      expect_close(found.sums, expected.sums, 1e-4);
      sums = found.sums;
      expected_sums = expected.sums;
    }
  }
}

// Equations 16 to 20, number by number: the mean of all values so far by phi(q) phi(k).
TEST(LinearAttentionStep, IsTheMeanOfTheValuesSoFar) {
  torch::manual_seed(2);
  at::Tensor sums = at::zeros({1, 1, 2, 3});
  at::Tensor pieces = at::randn({5, 6});
  auto phi = [](double x) { return x > 0 ? x + 1 : std::exp(x); };
  for (int64_t t = 0; t < 5; ++t) {
    auto [context, after] = linear_attention_step(pieces.slice(0, t, t + 1), sums, {});
    sums = after;
    auto at_piece = [&](int64_t s, int64_t i) { return pieces[s][i].item<double>(); };
    double total = 0, mean[2] = {};
    for (int64_t s = 0; s <= t; ++s) {
      double weight =
          phi(at_piece(t, 0)) * phi(at_piece(s, 2)) + phi(at_piece(t, 1)) * phi(at_piece(s, 3));
      total += weight;
      for (int64_t j : {0, 1}) mean[j] += weight * at_piece(s, 4 + j);
    }
    for (int64_t j : {0, 1}) EXPECT_NEAR(context[0][j].item<double>(), mean[j] / total, 1e-5);
  }
}

TEST(LinearAttentionStep, KeepsItsSumsInFloat32) {
  at::Tensor projected = at::randn({2, 12}).to(at::kBFloat16);
  auto [context, sums] = linear_attention_step(projected, at::zeros({2, 2, 2, 3}), {});
  EXPECT_EQ(context.scalar_type(), at::kBFloat16);
  EXPECT_EQ(sums.scalar_type(), at::kFloat);
}

}  // namespace
}  // namespace heed::kernels
