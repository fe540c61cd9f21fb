// What every kind of packed weight is held to.
#pragma once

#include <gtest/gtest.h>
#include "kernels/torch.h"

#include <cmath>

#include "kernels/packed_linear.h"
#include "model/golden.h"

namespace heed::kernels {

struct ProductSize {
  int64_t rows, in, out;
};
// Rows around the blocks of 6, 8, 16 and 32, outputs around panels of 16 and 32 and their fours and
// halves, odd inputs.
inline constexpr ProductSize kProductSizes[] = {
    {1, 1, 1},    {2, 3, 15},   {5, 4, 16},    {6, 5, 17},    {7, 64, 48},
    {8, 5, 17},   {13, 30, 65}, {23, 128, 90}, {64, 256, 33}, {4, 1024, 7},
    {3, 8, 1500}, {33, 70, 47}, {48, 192, 32}};

// With and without bias, equal to reference(x, weight, bias); `check` sees each linear and x too.
template <typename Reference, typename Check>
void expect_products(Packing packing, Reference&& reference, Check&& check) {
  torch::manual_seed(1);
  for (const ProductSize& size : kProductSizes) {
    at::Tensor x = at::randn({size.rows, size.in}), weight = at::randn({size.out, size.in});
    at::Tensor bias = at::randn({size.out});
    double bound = 1e-5 * std::sqrt(static_cast<double>(size.in));
    for (const at::Tensor& b : {bias, at::Tensor()}) {
      auto linear = pack(weight, b, packing);
      at::Tensor expected = reference(x, weight, b);
      golden::expect_close((*linear)(x), expected, bound);
      check(*linear, x, expected, bound);
    }
  }
}
template <typename Reference>
void expect_products(Packing packing, Reference&& reference) {
  expect_products(packing, reference, [](const PackedLinear&, auto&&...) {});
}

}  // namespace heed::kernels
