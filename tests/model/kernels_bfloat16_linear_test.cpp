#include "model/kernels/bfloat16_linear.h"

#include <gtest/gtest.h>
#include "model/torch.h"

#include <cmath>

#include "model/golden.h"

namespace heed::kernels {
namespace {

using golden::expect_close;

// Rows around the blocks of 6, outputs around the panels of 16 and their fours, odd inputs.
struct Sizes {
  int64_t rows, in, out;
};
constexpr Sizes kSizes[] = {{1, 1, 1},    {2, 3, 15},    {5, 4, 16},    {6, 5, 17},   {7, 64, 48},
                            {13, 30, 65}, {23, 128, 90}, {64, 256, 33}, {4, 1024, 7}, {3, 8, 1500}};

TEST(Bfloat16Linear, EqualsTheRoundedProduct) {
  torch::manual_seed(1);
  for (const Sizes& size : kSizes) {
    at::Tensor x = at::randn({size.rows, size.in}), weight = at::randn({size.out, size.in});
    at::Tensor bias = at::randn({size.out});
    double bound = 1e-5 * std::sqrt(static_cast<double>(size.in));
    for (const at::Tensor& b : {bias, at::Tensor()}) {
      expect_close((*pack_bfloat16(weight, b))(x), bfloat16_linear_reference(x, weight, b), bound);
    }
  }
}

TEST(Bfloat16Linear, ARowDependsOnNoOtherToTheBit) {
  torch::manual_seed(2);
  at::Tensor x = at::randn({11, 40});
  auto linear = pack_bfloat16(at::randn({50, 40}), at::randn({50}));
  at::Tensor all = (*linear)(x);
  for (int64_t rows = 1; rows <= 11; ++rows) {
    EXPECT_TRUE(torch::equal((*linear)(x.narrow(0, 0, rows)), all.narrow(0, 0, rows)));
  }
}

TEST(Bfloat16Linear, WhatIsNotFiniteStaysSo) {
  at::Tensor x = at::zeros({2, 8}), bias = at::randn({20});
  x[1][3] = std::numeric_limits<float>::infinity();
  at::Tensor y = (*pack_bfloat16(at::ones({20, 8}), bias))(x);
  EXPECT_TRUE(torch::equal(y[0], bias));
  EXPECT_FALSE(y[1].isfinite().any().item<bool>());
}

}  // namespace
}  // namespace heed::kernels
