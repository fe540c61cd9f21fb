#include "kernels/bfloat16_linear.h"

#include <gtest/gtest.h>
#include "kernels/torch.h"

#include "kernels/product_check.h"

namespace heed::kernels {
namespace {

// The same product by LibTorch in float64.
at::Tensor bfloat16_linear_reference(const at::Tensor& x, const at::Tensor& weight,
                                     const at::Tensor& bias) {
  auto rounded = [](const at::Tensor& rows) { return rows.to(at::kBFloat16).to(at::kDouble); };
  at::Tensor y = at::linear(rounded(x), rounded(weight));
  return (bias.defined() ? y + bias : y).to(at::kFloat);
}

TEST(Bfloat16Linear, EqualsTheRoundedProduct) {
  expect_products(Packing::kBfloat16, bfloat16_linear_reference);
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
