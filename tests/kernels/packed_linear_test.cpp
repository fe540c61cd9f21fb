#include "kernels/packed_linear.h"

#include <gtest/gtest.h>
#include "kernels/torch.h"

#include "kernels/product_check.h"
#include "util/error.h"

namespace heed::kernels {
namespace {

TEST(PackedLinear, EqualsLibTorchs) {
  auto reference = [](const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
    return at::linear(x, weight, bias);
  };
  expect_products(Packing::kFloat32, reference,
                  [](const PackedLinear& linear, const at::Tensor& x, const at::Tensor& expected,
                     double bound) {
                    at::Tensor not_contiguous = x.t().contiguous().t();
                    golden::expect_close(linear(not_contiguous), expected, bound);
                  });
}

TEST(PackedLinear, EqualsLibTorchsOfManyOutputs) {
  torch::manual_seed(1);
  at::Tensor x = at::randn({65, 32}), weight = at::randn({4000, 32}), bias = at::randn({4000});
  for (const at::Tensor& b : {bias, at::Tensor()}) {
    at::Tensor found = (*pack(weight, b, Packing::kFloat32))(x);
    golden::expect_close(found, at::linear(x, weight, b), 1e-5 * std::sqrt(32.0));
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

TEST(PackedLinear, SizesThatDoNotFitAreRefused) {
  at::Tensor weight = at::randn({20, 8});
  for (Packing packing : {Packing::kFloat32, Packing::kBfloat16, Packing::kInt8}) {
    EXPECT_THROW(pack(weight, at::zeros({19}), packing), Error);
    EXPECT_THROW(pack(weight, at::zeros({40}), packing), Error);
    EXPECT_THROW(pack(weight, at::zeros({20, 1}), packing), Error);
    EXPECT_THROW(pack(at::randn({20}), {}, packing), Error);
    auto linear = pack(weight, at::zeros({20}), packing);
    EXPECT_THROW(linear->select(std::vector<int32_t>{0, 20}), Error);
    EXPECT_THROW(linear->select(std::vector<int32_t>{-1}), Error);
    EXPECT_THROW((*linear)(at::zeros({2, 9})), Error);
  }
}

}  // namespace
}  // namespace heed::kernels
