#include "kernels/row_products.h"

#include <gtest/gtest.h>
#include "kernels/torch.h"

#include <set>

#include <ATen/core/dispatch/Dispatcher.h>
#include "kernels/cpu.h"
#include "kernels/shared_gradient.h"
#include "model/golden.h"

namespace heed::kernels {
namespace {

using golden::expect_close;

struct Sizes {
  int64_t rows, in, out;
};
constexpr Sizes kSizes[] = {{1, 1, 1}, {3, 5, 7}, {0, 4, 6}, {17, 64, 33}, {130, 256, 96}};

TEST(RowProducts, EqualLibTorchsWhicheverLibraryComputesThem) {
  torch::manual_seed(3);
  for (Sizes s : kSizes) {
    SCOPED_TRACE(testing::Message() << s.rows << " x " << s.in << " x " << s.out);
    for (bool biased : {false, true}) {
      at::Tensor x = at::randn({s.rows, s.in}), weight = at::randn({s.out, s.in});
      at::Tensor bias = biased ? at::randn({s.out}) : at::Tensor();
      at::Tensor expected = at::linear(x, weight, bias);
      expect_close(row_product(x, weight, bias), expected, 1e-4);
      expect_close(row_product(x, weight.t().contiguous().t(), bias), expected, 1e-4);
      expect_close(row_product(x.unsqueeze(0), weight, bias), expected.unsqueeze(0), 1e-4);
    }
  }
}

TEST(RowProducts, LibTorchHasADoorToOneDnn) {
  // Where the door is gone, products fall back to LibTorch's choice in silence.
  if (!at::hasMKLDNN()) GTEST_SKIP() << "this LibTorch was built without oneDNN";
  EXPECT_TRUE(
      c10::Dispatcher::singleton().findSchema({"mkldnn::_linear_pointwise", ""}).has_value());
}

TEST(RowProducts, OneDnnTakesNothingButFilledFloat32) {
  at::Tensor x = at::randn({4, 8});
  if (!prefers_onednn(x)) GTEST_SKIP() << "no product goes to oneDNN on this processor";
  EXPECT_FALSE(prefers_onednn(x.to(at::kBFloat16)));
  EXPECT_FALSE(prefers_onednn(x.to(at::kDouble)));
  EXPECT_FALSE(prefers_onednn(at::empty({0, 8})));
}

TEST(RowProducts, GradientsOfLinearEqualLibTorchs) {
  torch::manual_seed(4);
  for (Sizes s : kSizes) {
    SCOPED_TRACE(testing::Message() << s.rows << " x " << s.in << " x " << s.out);
    std::vector<at::Tensor> inputs = {at::randn({2, s.rows, s.in}).requires_grad_(),
                                      at::randn({s.out, s.in}).requires_grad_(),
                                      at::randn({s.out}).requires_grad_()};
    at::Tensor change = at::randn({2, s.rows, s.out});
    auto gradients = [&](const at::Tensor& y) {
      return torch::autograd::grad({y}, inputs, {change});
    };
    auto own = gradients(kernels::linear(inputs[0], inputs[1], inputs[2]));
    auto expected = gradients(at::linear(inputs[0], inputs[1], inputs[2]));
    for (size_t i = 0; i < inputs.size(); ++i) expect_close(own[i], expected[i], 2e-4);
  }
}

TEST(RowProducts, ABiasAloneGetsItsGradient) {
  at::Tensor bias = at::zeros({5}).requires_grad_();
  at::Tensor y = kernels::linear(at::randn({3, 4}), at::randn({5, 4}), bias);
  expect_close(torch::autograd::grad({y.sum()}, {bias})[0], at::full({5}, 3.0));
}

TEST(RowProducts, NothingIsRecordedWithoutGradients) {
  at::Tensor x = at::randn({3, 4}), weight = at::randn({5, 4}).requires_grad_();
  torch::NoGradGuard no_gradient;
  EXPECT_FALSE(kernels::linear(x, weight, at::Tensor()).requires_grad());
  c10::InferenceMode inference;
  EXPECT_EQ(kernels::linear(at::randn({3, 4}), weight, at::Tensor()).size(1), 5);
}

// What oneDNN makes code for: the numbers of rows that its products are given.
std::set<int64_t> products_of(int64_t rows) {
  RowGrid grid = on_grid(rows);
  std::set<int64_t> sizes;
  if (grid.main > 0) sizes.insert(grid.main);
  if (grid.padded > 0) sizes.insert(grid.padded);
  return sizes;
}

TEST(RowGrid, HoldsAllRowsWithFewSizesAndLittleCopied) {
  std::set<int64_t> sizes;
  for (int64_t rows = 1; rows <= 8192; ++rows) {
    RowGrid grid = on_grid(rows);
    int64_t rest = rows - grid.main;
    EXPECT_EQ(rest > 0, grid.padded > 0) << rows;
    EXPECT_GE(grid.padded, rest) << rows;
    if (rows > 256) {
      EXPECT_LE(8 * rest, rows) << rows;
      EXPECT_LE(32 * (grid.padded - rest), rows) << rows;
    } else {
      EXPECT_LE(grid.padded - rest, std::max<int64_t>(rows / 8, 7)) << rows;
    }
    sizes.merge(products_of(rows));
  }
  EXPECT_LE(sizes.size(), 90u);  // of 8192
}

TEST(RowGrid, ABatchOfTheSameTokensMeetsFewSizes) {
  std::set<int64_t> sizes;
  for (int64_t rows = 1800; rows <= 2400; ++rows) sizes.merge(products_of(rows));
  EXPECT_LE(sizes.size(), 15u);
}

TEST(RowGrid, Bfloat16ProductsAreThoseOfTheirRows) {
  torch::manual_seed(7);
  for (int64_t rows : {1, 7, 8, 60, 130, 256, 257, 300, 515, 1024, 1100}) {
    SCOPED_TRACE(rows);
    at::Tensor x = at::randn({rows, 40}).to(at::kBFloat16);
    at::Tensor weight = at::randn({24, 40}).to(at::kBFloat16);
    at::Tensor bias = at::randn({24}).to(at::kBFloat16);
    auto wide = [](const at::Tensor& t) { return t.to(at::kDouble); };
    at::Tensor plain = at::mm(wide(x), wide(weight).t());
    expect_close(wide(row_product(x, weight)), plain, 0.15);
    expect_close(wide(row_product(x, weight, bias)), plain + wide(bias), 0.15);

    at::Tensor change = at::randn({rows, 24}).to(at::kBFloat16);
    at::Tensor sum = at::ones({24, 40}, at::kBFloat16);
    weight_product(change, x, sum);
    at::Tensor product = at::mm(wide(change).t(), wide(x)), wanted = product + 1;
    EXPECT_LE((wide(sum) - wanted).norm().item<double>(), 0.006 * wanted.norm().item<double>());
    EXPECT_LE((wide(weight_product(change, x)) - product).norm().item<double>(),
              0.006 * product.norm().item<double>());
    expect_close(wide(row_sum(change)), wide(change).sum(0), 1e-3);
  }
}

}  // namespace
}  // namespace heed::kernels
