#include "kernels/int8_linear.h"

#include <gtest/gtest.h>
#include "kernels/torch.h"

#include "kernels/product_check.h"
#include "util/error.h"

namespace heed::kernels {
namespace {

// The same product by LibTorch in float64: both sides rounded to their 8 bits and multiplied.
at::Tensor int8_linear_reference(const at::Tensor& x, const at::Tensor& weight,
                                 const at::Tensor& bias) {
  auto rounded = [](const at::Tensor& rows) {
    at::Tensor wide = rows.to(at::kDouble);
    at::Tensor scale = wide.abs().amax(-1, true) / 127.0;
    return at::where(scale > 0, (wide / scale).round() * scale, wide);
  };
  at::Tensor y = at::linear(rounded(x), rounded(weight));
  return (bias.defined() ? y + bias : y).to(at::kFloat);
}

TEST(Int8Linear, EqualsTheRoundedProduct) {
  expect_products(Packing::kInt8, int8_linear_reference);
}

// Each factor is off by at most half a step of its row's largest / 127.
TEST(Int8Linear, IsWithinItsBoundOfTheExactProduct) {
  torch::manual_seed(2);
  for (const ProductSize& size : kProductSizes) {
    at::Tensor x = at::randn({size.rows, size.in}), weight = at::randn({size.out, size.in});
    at::Tensor exact = at::linear(x, weight);
    at::Tensor found = (*pack_int8(weight, {}))(x);
    at::Tensor x_step = x.abs().amax(1, true) / 254, w_step = weight.abs().amax(1) / 254;
    at::Tensor bound = x_step * weight.abs().sum(1) + x.abs().sum(1, true) * w_step +
                       static_cast<double>(size.in) * x_step * w_step;
    EXPECT_LE(((found - exact).abs() - bound * 1.0001).max().item<double>(), 1e-5);
  }
}

TEST(Int8Linear, ARowDependsOnNoOther) {
  torch::manual_seed(3);
  at::Tensor x = at::randn({2, 10, 40}), bias = at::randn({50});
  auto linear = pack_int8(at::randn({50, 40}), bias);
  at::Tensor all = (*linear)(x);
  ASSERT_EQ(all.sizes(), (at::IntArrayRef{2, 10, 50}));
  for (int64_t row : {0, 5, 9}) {
    EXPECT_TRUE(torch::equal((*linear)(x[1][row]), all[1][row]));
  }
}

TEST(Int8Linear, ZerosGiveTheBiasAndWhatIsNotFiniteStaysSo) {
  at::Tensor x = at::zeros({2, 8}), bias = at::randn({20});
  x[1][3] = std::numeric_limits<float>::infinity();
  at::Tensor y = (*pack_int8(at::ones({20, 8}), bias))(x);
  EXPECT_TRUE(torch::equal(y[0], bias));
  EXPECT_FALSE(y[1].isfinite().any().item<bool>());
}

TEST(Int8Linear, OtherWidthsAreRefusedWithBothNumbers) {
  auto linear = pack_int8(at::ones({20, 8}), {});
  try {
    (*linear)(at::ones({2, 7}));
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("rows of 8, got Float rows of 7"), std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace heed::kernels
