#include "kernels/activation.h"

#include "kernels/kernel_check.h"

namespace heed::kernels {
namespace {

constexpr Activation kAll[] = {Activation::kRelu, Activation::kGelu, Activation::kQuickGelu,
                               Activation::kSwish};

using kernel_check::Tensors;

TEST(ActivationDropoutTest, AgreesWithTheReference) {
  for (Activation activation : kAll) {
    for (double p : {0.0, 0.1, 0.6}) {
      for (auto shape : {std::vector<int64_t>{1}, {3, 5}, {7, 31, 3}, {40, 1027}}) {
        SCOPED_TRACE(::testing::Message() << static_cast<int>(activation) << " at " << p << ", "
                                          << at::IntArrayRef(shape));
        torch::manual_seed(3);
        // In bfloat16 a sum of numbers that cancel is as wrong as its parts: here there is none.
        kernel_check::expect_agreement(
            [&](const Tensors& x) { return Tensors{activation_dropout(x[0], activation, p)}; },
            [&](const Tensors& x) {
              return Tensors{activation_dropout_reference(x[0], activation, p)};
            },
            {at::randn(shape) + 0.2});
      }
    }
  }
}

TEST(ActivationDropoutTest, GeluOfAllMagnitudesIsNearTheExactOne) {
  at::Tensor x = at::linspace(-100, 100, 200001);
  at::Tensor error = activation_dropout(x, Activation::kGelu, 0) - at::gelu(x);
  EXPECT_LT((error.abs() / (1 + x.abs())).max().item<double>(), 3e-7);
}

TEST(ActivationDropoutTest, SwishOfAllMagnitudesIsNearTheExactOne) {
  at::Tensor x = at::linspace(-100, 100, 200001), wide = x.to(at::kDouble);
  for (auto [activation, slope] :
       {std::pair(Activation::kSwish, 1.0), std::pair(Activation::kQuickGelu, 1.702)}) {
    at::Tensor error = activation_dropout(x, activation, 0) - wide * at::sigmoid(slope * wide);
    EXPECT_LT((error.abs() / (1 + wide.abs())).max().item<double>(), 3e-7);
  }
}

TEST(ActivationDropoutTest, NotANumberStaysNotANumber) {
  at::Tensor x = at::full({40}, std::numeric_limits<float>::quiet_NaN());
  for (Activation activation : kAll) {
    EXPECT_TRUE(activation_dropout(x, activation, 0).isnan().all().item<bool>());
  }
}

TEST(ActivationDropoutTest, OtherTypesTakeTheReference) {
  at::Tensor x = at::randn({9}, at::kDouble);
  EXPECT_TRUE(at::equal(activation_dropout(x, Activation::kGelu, 0), at::gelu(x)));
}

}  // namespace
}  // namespace heed::kernels
