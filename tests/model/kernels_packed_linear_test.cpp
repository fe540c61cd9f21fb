#include "model/kernels/packed_linear.h"

#include <gtest/gtest.h>
#include "model/torch.h"

#include <cmath>

#include "model/golden.h"

namespace heed::kernels {
namespace {

using golden::expect_close;

// Rows around the blocks of 8, outputs around the panels of 32 and their halves.
struct Sizes {
  int64_t rows, in, out;
};
constexpr Sizes kSizes[] = {{1, 1, 1},    {2, 3, 15},   {5, 4, 16},    {7, 64, 48},
                            {8, 5, 17},   {13, 30, 65}, {23, 128, 90}, {64, 256, 33},
                            {4, 1024, 7}, {3, 8, 1500}, {65, 32, 4000}};

TEST(PackedLinear, EqualsLibTorchs) {
  torch::manual_seed(1);
  for (const Sizes& size : kSizes) {
    at::Tensor x = at::randn({size.rows, size.in}), weight = at::randn({size.out, size.in});
    at::Tensor bias = at::randn({size.out});
    double bound = 1e-5 * std::sqrt(static_cast<double>(size.in));
    for (const at::Tensor& b : {bias, at::Tensor()}) {
      auto linear = pack(weight, b, Packing::kFloat32);
      expect_close((*linear)(x), at::linear(x, weight, b), bound);
      // Not contiguous.
      expect_close((*linear)(x.t().contiguous().t()), at::linear(x, weight, b), bound);
    }
  }
}

TEST(PackedLinear, ARowDependsOnNoOtherToTheBit) {
  torch::manual_seed(2);
  at::Tensor x = at::randn({3, 11, 40}) * 100;
  for (int64_t out : {50, 64}) {
    auto linear = pack(at::randn({out, 40}), at::randn({out}), Packing::kFloat32);
    at::Tensor all = (*linear)(x);
    ASSERT_EQ(all.sizes(), (at::IntArrayRef{3, 11, out}));
    for (int64_t rows = 1; rows <= 11; ++rows) {
      EXPECT_TRUE(torch::equal((*linear)(x[1].narrow(0, 0, rows)), all[1].narrow(0, 0, rows)));
    }
  }
}

TEST(PackedLinear, SelectedOutputsAreTheSameNumbers) {
  torch::manual_seed(3);
  at::Tensor x = at::randn({7, 30}), weight = at::randn({90, 30}), bias = at::randn({90});
  std::vector<int32_t> outputs = {0, 5, 16, 31, 32, 89, 3};
  at::Tensor index = torch::tensor(std::vector<int64_t>(outputs.begin(), outputs.end()));
  for (Packing packing : {Packing::kFloat32, Packing::kBfloat16, Packing::kInt8}) {
    for (const at::Tensor& b : {bias, at::Tensor()}) {
      auto linear = pack(weight, b, packing);
      EXPECT_TRUE(torch::equal((*linear->select(outputs))(x), (*linear)(x).index_select(1, index)));
    }
  }
}

}  // namespace
}  // namespace heed::kernels
