#include "kernels/projection_loss.h"

#include <gtest/gtest.h>
#include "kernels/torch.h"

#include "model/golden.h"

namespace heed::kernels {
namespace {

using golden::expect_close;

struct Inputs {
  at::Tensor states, weight, bias, targets;

  std::vector<at::Tensor> with_gradient() const { return {states, weight, bias}; }
  Inputs to(at::ScalarType type) const {
    auto leaf = [&](const at::Tensor& x) { return x.detach().to(type).requires_grad_(); };
    return {leaf(states), leaf(weight), leaf(bias), targets};
  }
};

struct Sizes {
  int64_t rows, hidden, vocabulary;
};

Inputs random_inputs(const Sizes& sizes) {
  torch::manual_seed(static_cast<uint64_t>(sizes.rows + sizes.vocabulary));
  Inputs inputs{at::randn({sizes.rows, sizes.hidden}), at::randn({sizes.vocabulary, sizes.hidden}),
                at::randn({sizes.vocabulary}),
                at::randint(sizes.vocabulary, {sizes.rows}, at::kLong)};
  inputs.targets[0] = 0;
  inputs.targets[-1] = sizes.vocabulary - 1;
  return inputs.to(at::kFloat);
}

using Function = ProjectionLoss(const at::Tensor&, const at::Tensor&, const at::Tensor&,
                                const at::Tensor&, double);

struct Result {
  double loss, log_likelihood;
  std::vector<at::Tensor> gradients;  // of 0.37 times the loss
};

Result run(Function* function, const Inputs& inputs, double smoothing) {
  auto result = function(inputs.states, inputs.weight, inputs.bias, inputs.targets, smoothing);
  auto gradients = torch::autograd::grad({result.smoothed_sum * 0.37}, inputs.with_gradient());
  return {result.smoothed_sum.item<double>(), result.log_likelihood.sum().item<double>(),
          gradients};
}

double relative_error(const at::Tensor& actual, const at::Tensor& expected) {
  at::Tensor difference = actual.to(at::kDouble) - expected.to(at::kDouble);
  return difference.norm().item<double>() / (expected.to(at::kDouble).norm().item<double>() + 1e-6);
}

// One row, one column, sizes around the vector widths 8 and 16, and around the chunk of 256 rows.
constexpr Sizes kSizes[] = {{1, 1, 1},  {1, 8, 2},   {3, 1, 17},   {5, 8, 16},    {4, 7, 15},
                            {9, 3, 31}, {256, 4, 9}, {257, 4, 33}, {600, 16, 100}};

TEST(ProjectionLossTest, EqualsPyTorchsCrossEntropy) {
  for (const auto& test : golden::load("loss.json")) {
    Inputs inputs{golden::tensor(test.at("states")), golden::tensor(test.at("weight")),
                  golden::tensor(test.at("bias")), golden::ids(test.at("targets"))};
    inputs = inputs.to(at::kFloat);
    for (Function* function : {projection_loss, projection_loss_reference}) {
      auto result =
          function(inputs.states, inputs.weight, inputs.bias, inputs.targets, test.at("smoothing"));
      EXPECT_NEAR(result.smoothed_sum.item<double>(), test.at("loss"), 1e-5);
      EXPECT_NEAR(result.log_likelihood.sum().item<double>(), test.at("log_likelihood"), 1e-5);
      auto expected = golden::tensors(test.at("gradients"));
      auto gradients = torch::autograd::grad({result.smoothed_sum}, inputs.with_gradient());
      for (size_t i = 0; i < expected.size(); ++i) expect_close(gradients[i], expected[i]);
    }
  }
}

TEST(ProjectionLossTest, EqualsTheReferenceAtOddSizes) {
  for (const Sizes& sizes : kSizes) {
    for (double smoothing : {0.0, 0.1, 0.9}) {
      SCOPED_TRACE(::testing::Message() << sizes.rows << " x " << sizes.hidden << " x "
                                        << sizes.vocabulary << " at " << smoothing);
      Inputs inputs = random_inputs(sizes);
      Result actual = run(projection_loss, inputs, smoothing);
      Result expected = run(projection_loss_reference, inputs, smoothing);
      EXPECT_NEAR(actual.loss, expected.loss, 1e-6 * (1 + std::abs(expected.loss)));
      EXPECT_NEAR(actual.log_likelihood, expected.log_likelihood,
                  1e-6 * (1 + std::abs(expected.log_likelihood)));
      for (size_t i = 0; i < 3; ++i) {
        expect_close(actual.gradients[i], expected.gradients[i], 2e-5);
      }
    }
  }
}

TEST(ProjectionLossTest, Bfloat16IsNearFloat32OfTheSameNumbers) {
  for (const Sizes& sizes :
       {Sizes{1, 8, 2}, Sizes{5, 8, 16}, Sizes{4, 7, 15}, Sizes{600, 16, 100}}) {
    SCOPED_TRACE(::testing::Message() << sizes.rows << " x " << sizes.vocabulary);
    Inputs rounded = random_inputs(sizes).to(at::kBFloat16);
    Result actual = run(projection_loss, rounded, 0.1);
    Result expected = run(projection_loss_reference, rounded.to(at::kFloat), 0.1);
    EXPECT_NEAR(actual.loss, expected.loss, 1e-2 * expected.loss);
    EXPECT_NEAR(actual.log_likelihood, expected.log_likelihood, -1e-2 * expected.log_likelihood);
    for (size_t i = 0; i < 3; ++i) {
      EXPECT_EQ(actual.gradients[i].scalar_type(), at::kBFloat16);
      EXPECT_LT(relative_error(actual.gradients[i], expected.gradients[i]), 2e-2) << i;
    }
  }
}

TEST(ProjectionLossTest, LargeLogitsDoNotOverflow) {
  Inputs inputs = random_inputs({6, 4, 19});
  inputs.states = (inputs.states.detach() * 500).requires_grad_();
  Result actual = run(projection_loss, inputs, 0.1);
  Result expected = run(projection_loss_reference, inputs, 0.1);
  ASSERT_TRUE(std::isfinite(actual.loss));
  EXPECT_NEAR(actual.loss, expected.loss, 1e-5 * expected.loss);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_LT(relative_error(actual.gradients[i], expected.gradients[i]), 1e-5);
  }
}

TEST(ProjectionLossTest, EachInputAloneGetsItsGradient) {
  Inputs inputs = random_inputs({5, 4, 9});
  auto expected = run(projection_loss_reference, inputs, 0.1).gradients;
  for (size_t only = 0; only < 3; ++only) {
    std::vector<at::Tensor> x;
    for (size_t i = 0; i < 3; ++i) {
      x.push_back(inputs.with_gradient()[i].detach().clone().requires_grad_(i == only));
    }
    auto loss = projection_loss(x[0], x[1], x[2], inputs.targets, 0.1).smoothed_sum * 0.37;
    ASSERT_TRUE(loss.requires_grad());
    expect_close(torch::autograd::grad({loss}, {x[only]})[0], expected[only]);
  }
}

TEST(ProjectionLossTest, WithoutGradientsTheLossIsTheSame) {
  Inputs inputs = random_inputs({300, 4, 9});
  Result expected = run(projection_loss, inputs, 0.1);
  torch::NoGradGuard no_gradient;
  auto result = projection_loss(inputs.states, inputs.weight, inputs.bias, inputs.targets, 0.1);
  EXPECT_FALSE(result.smoothed_sum.requires_grad());
  EXPECT_EQ(result.smoothed_sum.item<double>(), expected.loss);
  EXPECT_EQ(result.log_likelihood.sum().item<double>(), expected.log_likelihood);
}

TEST(ProjectionLossTest, InputsAreNotWrittenTo) {
  Inputs inputs = random_inputs({300, 4, 9});
  Inputs copy{inputs.states.detach().clone(), inputs.weight.detach().clone(),
              inputs.bias.detach().clone(), inputs.targets.clone()};
  run(projection_loss, inputs, 0.1);
  EXPECT_TRUE(at::equal(inputs.states, copy.states));
  EXPECT_TRUE(at::equal(inputs.weight, copy.weight));
  EXPECT_TRUE(at::equal(inputs.bias, copy.bias));
  EXPECT_TRUE(at::equal(inputs.targets, copy.targets));
}

}  // namespace
}  // namespace heed::kernels
