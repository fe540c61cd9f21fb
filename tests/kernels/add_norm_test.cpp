#include "kernels/add_norm.h"

#include "kernels/kernel_check.h"
#include "util/error.h"

namespace heed::kernels {
namespace {

using kernel_check::Tensors;

using Kernel = SumAndNorm(const at::Tensor&, const at::Tensor&, double, const NormTensors&);

// Which outputs are used: those of post-norm layers are the norms alone.
enum class Used { kBoth, kNorm, kSum };

kernel_check::Function with(Kernel* kernel, double p, Used used, double epsilon = 1e-5) {
  return [=](const Tensors& x) {
    SumAndNorm out = kernel(x[0], x[1], p, {x[2], x[3], epsilon});
    if (used == Used::kNorm) return Tensors{out.normalised};
    // Of the norm nothing flows back, but its parameters still have gradients, all 0.
    if (used == Used::kSum) return Tensors{out.sum, at::zeros_like(out.sum) * x[2] * x[3]};
    return Tensors{out.sum, out.normalised};
  };
}

Tensors random_inputs(const std::vector<int64_t>& shape) {
  torch::manual_seed(static_cast<uint64_t>(shape.back()));
  return {at::randn(shape) * 2 + 0.5, at::randn(shape), at::rand({shape.back()}) + 0.5,
          at::randn({shape.back()})};
}

TEST(AddNormTest, AgreesWithTheReference) {
  for (auto shape : {std::vector<int64_t>{1, 5}, {3, 17}, {2, 5, 64}, {150, 33}, {9, 31, 256}}) {
    for (double p : {0.0, 0.1, 0.6}) {
      for (Used used : {Used::kBoth, Used::kNorm, Used::kSum}) {
        SCOPED_TRACE(::testing::Message() << at::IntArrayRef(shape) << " at " << p << ", used "
                                          << static_cast<int>(used));
        kernel_check::expect_agreement(with(add_norm, p, used), with(add_norm_reference, p, used),
                                       random_inputs(shape));
      }
    }
  }
}

TEST(AddNormTest, EpsilonIsTheNorms) {
  Tensors x = random_inputs({5, 24});
  x[0] = x[0] * 1e-3;
  x[1] = x[1] * 1e-3;
  for (double epsilon : {1e-9, 1e-6, 1e-3}) {
    kernel_check::expect_agreement(with(add_norm, 0, Used::kBoth, epsilon),
                                   with(add_norm_reference, 0, Used::kBoth, epsilon), x);
    at::Tensor rows = at::empty({5, 24}), sum = x[0] + x[1];
    normalise(
        sum.const_data_ptr<float>(), 5, 24,
        {x[2].const_data_ptr<float>(), x[3].const_data_ptr<float>(), static_cast<float>(epsilon)},
        rows.mutable_data_ptr<float>());
    kernel_check::expect_near({rows}, {at::layer_norm(sum, {24}, x[2], x[3], epsilon)}, 2e-6);
  }
}

TEST(AddNormTest, LargeMeansLoseNoVariance) {
  Tensors x = random_inputs({4, 48});
  x[0] = x[0] + 1000;
  kernel_check::expect_near({add_norm(x[0], x[1], 0, {x[2], x[3]}).normalised},
                            {add_norm_reference(x[0], x[1], 0, {x[2], x[3]}).normalised}, 1e-4);
}

TEST(AddNormTest, TransposedInputsAreRead) {
  Tensors x = random_inputs({8, 8});
  SumAndNorm out = add_norm(x[0].t(), x[1].t(), 0, {x[2], x[3]});
  EXPECT_TRUE(at::equal(out.sum, x[0].t() + x[1].t()));
}

TEST(AddNormTest, ShapesThatDifferAreNamed) {
  try {
    add_norm(at::ones({2, 3}), at::ones({1, 1, 3}), 0, {at::ones({3}), at::ones({3})});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()),
              "residual sum: x has 6 numbers in 2 dimensions, what is added 3 in 3");
  }
}

TEST(AddNormTest, OtherTypesTakeTheReference) {
  Tensors x = random_inputs({3, 6});
  for (at::Tensor& one : x) one = one.to(at::kDouble);
  auto actual = add_norm(x[0], x[1], 0, {x[2], x[3]});
  EXPECT_EQ(actual.normalised.scalar_type(), at::kDouble);
  EXPECT_TRUE(at::equal(actual.normalised, at::layer_norm(x[0] + x[1], {6}, x[2], x[3])));
}

}  // namespace
}  // namespace heed::kernels
