#include "kernels/soft_attention.h"

#include <gtest/gtest.h>
#include "kernels/torch.h"

#include <limits>

#include "kernels/shared_gradient.h"
#include "model/golden.h"

namespace heed::kernels {
namespace {

using golden::expect_close;

// soft_attention in plain LibTorch.
AttentionOutput soft_attention_reference(const AttentionInput& input) {
  at::Tensor keys = input.keys.flatten(0, 1), values = input.values.flatten(0, 1), scores;
  if (input.energy.defined()) {
    at::Tensor hidden = at::tanh(input.queries.unsqueeze(2) + keys.unsqueeze(1));
    scores = at::linear(hidden, input.energy).squeeze(3);
  } else {
    scores = at::bmm(input.queries, keys.transpose(1, 2));
  }
  if (input.padding.defined()) {
    scores = scores + input.padding.squeeze(1).repeat_interleave(input.keys.size(1), 0);
  }
  at::Tensor weights = at::softmax(scores, -1);
  return {at::bmm(weights, values), weights};
}

struct Sizes {
  int64_t batch, heads, targets, source, width, value_width;
};

// One of everything, and sizes around the vector widths 8 and 16.
constexpr Sizes kSizes[] = {{1, 1, 1, 1, 1, 1},   {2, 1, 3, 5, 7, 9},    {3, 2, 1, 17, 16, 8},
                            {2, 3, 2, 16, 33, 4}, {4, 1, 1, 15, 24, 31}, {5, 1, 4, 2, 8, 17}};

Tensors with_gradient(const AttentionInput& input) {
  Tensors all{input.queries, input.keys, input.values};
  if (input.energy.defined()) all.push_back(input.energy);
  return all;
}

AttentionInput converted(const AttentionInput& input, at::ScalarType type) {
  auto leaf = [&](const at::Tensor& x) {
    return x.defined() ? x.detach().to(type).requires_grad_() : x;
  };
  return {leaf(input.queries), leaf(input.keys), leaf(input.values),
          input.padding.defined() ? input.padding.to(type) : input.padding, leaf(input.energy)};
}

// Sentence b lacks its last b source positions, but never the first.
AttentionInput random_input(const Sizes& sizes, bool hidden) {
  torch::manual_seed(static_cast<uint64_t>(sizes.source + sizes.width));
  AttentionInput input;
  input.queries = at::randn({sizes.batch * sizes.heads, sizes.targets, sizes.width});
  input.keys = at::randn({sizes.batch, sizes.heads, sizes.source, sizes.width});
  input.values = at::randn({sizes.batch, sizes.heads, sizes.source, sizes.value_width});
  input.padding = at::zeros({sizes.batch, 1, 1, sizes.source});
  for (int64_t b = 0; b < sizes.batch; ++b) {
    int64_t length = std::max<int64_t>(1, sizes.source - b);
    input.padding[b].slice(-1, length).fill_(-std::numeric_limits<float>::infinity());
  }
  if (hidden) input.energy = at::randn({1, sizes.width});
  return converted(input, at::kFloat);
}

struct Result {
  AttentionOutput output;
  Tensors gradients;  // of a sum that treats every element of context and weights differently
};

template <typename Function>
Result run(Function* function, const AttentionInput& input) {
  AttentionOutput output = function(input);
  at::Tensor loss = (output.context.to(at::kFloat) + 0.3).square().sum() +
                    (output.weights.to(at::kFloat) * 2).sin().sum();
  return {output, torch::autograd::grad({loss}, with_gradient(input))};
}

template <typename Check>
void for_all_inputs(const Check& check) {
  for (const Sizes& sizes : kSizes) {
    for (bool hidden : {true, false}) {
      SCOPED_TRACE(::testing::Message()
                   << sizes.batch << " x " << sizes.heads << " x " << sizes.targets << " x "
                   << sizes.source << " x " << sizes.width << (hidden ? " hidden" : " product"));
      check(random_input(sizes, hidden));
    }
  }
}

TEST(AttentionKernelTest, EqualsTheReferenceAtOddSizes) {
  for_all_inputs([](AttentionInput input) {
    for (bool padded : {true, false}) {
      if (!padded) input.padding = at::Tensor();
      Result actual = run(soft_attention, input), expected = run(soft_attention_reference, input);
      expect_close(actual.output.context, expected.output.context);
      expect_close(actual.output.weights, expected.output.weights);
      for (size_t i = 0; i < expected.gradients.size(); ++i) {
        expect_close(actual.gradients[i], expected.gradients[i], 1e-4);
      }
    }
  });
}

TEST(AttentionKernelTest, Bfloat16IsNearFloat32OfTheSameNumbers) {
  for_all_inputs([](const AttentionInput& input) {
    AttentionInput rounded = converted(input, at::kBFloat16);
    Result actual = run(soft_attention, rounded);
    Result expected = run(soft_attention_reference, converted(rounded, at::kFloat));
    expect_close(actual.output.context, expected.output.context, 0.05);
    expect_close(actual.output.weights, expected.output.weights, 0.01);
    for (size_t i = 0; i < expected.gradients.size(); ++i) {
      EXPECT_EQ(actual.gradients[i].scalar_type(), at::kBFloat16);
      at::Tensor difference = actual.gradients[i].to(at::kFloat) - expected.gradients[i];
      EXPECT_LE(difference.norm().item<float>(),
                0.03 * expected.gradients[i].norm().item<float>() + 0.02);
    }
  });
}

// Longer padding changes no bit of a sentence's result.
TEST(AttentionKernelTest, ResultsDoNotDependOnThePadding) {
  for_all_inputs([](const AttentionInput& input) {
    torch::NoGradGuard no_gradient;
    AttentionInput longer = input;
    auto pad = [](const at::Tensor& x) { return at::constant_pad_nd(x, {0, 0, 0, 19}, 3.0); };
    longer.keys = pad(input.keys);
    longer.values = pad(input.values);
    longer.padding =
        at::constant_pad_nd(input.padding, {0, 19}, -std::numeric_limits<double>::infinity());
    AttentionOutput expected = soft_attention(input), actual = soft_attention(longer);
    EXPECT_TRUE(at::equal(actual.context, expected.context));
    EXPECT_TRUE(at::equal(actual.weights.slice(2, 0, input.keys.size(2)), expected.weights));
    EXPECT_EQ(actual.weights.slice(2, input.keys.size(2)).abs().max().item<float>(), 0);
  });
}

TEST(AttentionKernelTest, StepsThatShareGradientsEqualAllStepsAtOnce) {
  for (bool hidden : {true, false}) {
    AttentionInput input = random_input({3, 2, 4, 6, 5, 7}, hidden);
    Result expected = run(soft_attention_reference, input);
    auto by_steps = [](const AttentionInput& all) {
      SharedGradients shared;
      Tensors contexts, weights;
      for (int64_t t = 0; t < all.queries.size(1); ++t) {
        AttentionInput one = all;
        one.queries = all.queries.slice(1, t, t + 1);
        AttentionOutput output = soft_attention(one);
        contexts.push_back(output.context);
        weights.push_back(output.weights);
      }
      return AttentionOutput{at::cat(contexts, 1), at::cat(weights, 1)};
    };
    AttentionOutput (*function)(const AttentionInput&) = by_steps;
    Result actual = run(function, input);
    for (size_t i = 0; i < expected.gradients.size(); ++i) {
      expect_close(actual.gradients[i], expected.gradients[i], 1e-4);
    }
  }
}

TEST(AttentionKernelTest, EachInputAloneGetsItsGradient) {
  AttentionInput input = random_input({3, 1, 2, 6, 5, 7}, /*hidden=*/true);
  Tensors expected = run(soft_attention_reference, input).gradients;
  for (size_t only = 0; only < expected.size(); ++only) {
    AttentionInput one = converted(input, at::kFloat);
    Tensors inputs = with_gradient(one);
    for (size_t i = 0; i < inputs.size(); ++i) inputs[i].set_requires_grad(i == only);
    AttentionOutput output = soft_attention(one);
    at::Tensor loss = (output.context + 0.3).square().sum() + (output.weights * 2).sin().sum();
    expect_close(torch::autograd::grad({loss}, {inputs[only]})[0], expected[only], 1e-4);
  }
}

}  // namespace
}  // namespace heed::kernels
