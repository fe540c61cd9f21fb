#include "kernels/shared_gradient.h"

#include <gtest/gtest.h>
#include "kernels/torch.h"

#include "model/golden.h"

namespace heed::kernels {
namespace {

using golden::expect_close;
using torch::autograd::grad;

struct Inputs {
  Tensors xs;  // one a step
  at::Tensor weight, bias;

  Tensors all() const {
    Tensors all = xs;
    all.push_back(weight);
    if (bias.defined()) all.push_back(bias);
    return all;
  }
};

Inputs make_inputs(bool biased, at::ScalarType type = at::kFloat) {
  torch::manual_seed(5);
  auto leaf = [&](at::IntArrayRef sizes) { return at::randn(sizes).to(type).requires_grad_(); };
  Inputs inputs{{leaf({3, 4}), leaf({2, 5, 4}), leaf({4})}, leaf({6, 4}), {}};
  if (biased) inputs.bias = leaf({6});
  return inputs;
}

template <typename Function>
at::Tensor loss(const Function& function, const Inputs& inputs) {
  at::Tensor sum = at::zeros({});
  for (const at::Tensor& x : inputs.xs) {
    sum = sum + function(x, inputs.weight, inputs.bias).to(at::kFloat).sin().sum();
  }
  return sum;
}

at::Tensor shared_loss(const Inputs& inputs) {
  SharedGradients shared;
  return loss(linear, inputs);
}

at::Tensor plain_loss(const Inputs& inputs) {
  return loss([](auto&... x) { return at::linear(x...); }, inputs);
}

TEST(SharedGradientTest, ValuesAndGradientsAreThoseOfSeparateProducts) {
  for (bool biased : {true, false}) {
    Inputs inputs = make_inputs(biased);
    at::Tensor actual = shared_loss(inputs), expected = plain_loss(inputs);
    expect_close(actual, expected);
    Tensors gradients = grad({actual}, inputs.all()), wanted = grad({expected}, inputs.all());
    for (size_t i = 0; i < wanted.size(); ++i) expect_close(gradients[i], wanted[i]);
  }
}

TEST(SharedGradientTest, Bfloat16SumsAllStepsInOneProduct) {
  Inputs inputs = make_inputs(true, at::kBFloat16);
  Tensors gradients = grad({shared_loss(inputs)}, inputs.all());
  Tensors wanted = grad({plain_loss(inputs)}, inputs.all());
  for (size_t i = 0; i < wanted.size(); ++i) {
    EXPECT_EQ(gradients[i].scalar_type(), at::kBFloat16);
    expect_close(gradients[i], wanted[i], 0.06);
  }
}

TEST(SharedGradientTest, EachInputAloneGetsItsGradient) {
  Inputs inputs = make_inputs(true);
  Tensors wanted = grad({plain_loss(inputs)}, inputs.all());
  at::Tensor actual = shared_loss(inputs);
  for (size_t i = 0; i < wanted.size(); ++i) {
    expect_close(grad({actual}, {inputs.all()[i]}, {}, /*retain_graph=*/true)[0], wanted[i]);
  }
}

TEST(SharedGradientTest, ASecondBackwardPassAddsNothingOfTheFirst) {
  Inputs inputs = make_inputs(true);
  at::Tensor actual = shared_loss(inputs);
  Tensors first = grad({actual}, inputs.all(), {}, /*retain_graph=*/true);
  Tensors second = grad({actual}, inputs.all());
  for (size_t i = 0; i < first.size(); ++i) expect_close(second[i], first[i], 0);
}

TEST(SharedGradientTest, UsesShareOneAliasWhileOneLivesAndNoneAfter) {
  at::Tensor weight = at::randn({2, 3}).requires_grad_();
  auto alias = [&] { return share_weight(weight, {}).tensors[0]; };
  EXPECT_FALSE(SharedGradients::active());
  EXPECT_FALSE(alias().is_same(alias()));
  SharedGradients outer;
  EXPECT_TRUE(SharedGradients::active());
  at::Tensor of_outer = alias();
  EXPECT_TRUE(of_outer.is_same(alias()));
  {
    SharedGradients inner;
    EXPECT_FALSE(of_outer.is_same(alias()));
  }
  EXPECT_TRUE(of_outer.is_same(alias()));
}

TEST(SharedGradientTest, WithoutGradientsNothingIsShared) {
  at::Tensor weight = at::randn({2, 3}).requires_grad_();
  SharedGradients shared;
  torch::NoGradGuard no_gradient;
  EXPECT_FALSE(SharedGradients::active());
  EXPECT_TRUE(share_weight(weight, {}).tensors[0].is_same(weight));
  EXPECT_FALSE(kernels::linear(at::randn({1, 3}), weight, at::Tensor()).requires_grad());
}

}  // namespace
}  // namespace heed::kernels
