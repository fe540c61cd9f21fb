// What every fused kernel must do: agree with its plain LibTorch reference in values and gradients,
// in float32 to rounding and in bfloat16 as closely as that type allows, on any number of threads.
#pragma once

#include <gtest/gtest.h>
#include "kernels/torch.h"

#include <functional>
#include <vector>

#include "kernels/dropout.h"
#include "model/golden.h"

namespace heed::kernel_check {

using Tensors = std::vector<at::Tensor>;
using Function = std::function<Tensors(const Tensors&)>;

struct Result {
  Tensors outputs, gradients;  // the gradients of all inputs
};

inline Tensors as_leaves(const Tensors& inputs, at::ScalarType type) {
  Tensors leaves;
  for (const at::Tensor& x : inputs) leaves.push_back(x.detach().to(type).requires_grad_());
  return leaves;
}

// The outputs' gradients are random, the same in every run, and so is what dropout drops.
inline Result run(const Function& function, const Tensors& leaves) {
  kernels::dropout_state() = {5, 9};
  torch::manual_seed(17);
  Result result{function(leaves), {}};
  EXPECT_GT(result.outputs.size(), 0u);
  Tensors changes;
  for (const at::Tensor& out : result.outputs) {
    changes.push_back(at::randn(out.sizes()).to(out.scalar_type()));
  }
  result.gradients = torch::autograd::grad(result.outputs, leaves, changes);
  return result;
}

inline double relative_error(const at::Tensor& actual, const at::Tensor& expected) {
  at::Tensor difference = actual.to(at::kDouble) - expected.to(at::kDouble);
  return difference.norm().item<double>() / (expected.to(at::kDouble).norm().item<double>() + 1e-6);
}

inline void expect_near(const Tensors& actual, const Tensors& expected, double tolerance) {
  ASSERT_EQ(actual.size(), expected.size());
  for (size_t i = 0; i < actual.size(); ++i) {
    ASSERT_EQ(actual[i].sizes(), expected[i].sizes()) << i;
    EXPECT_LT(relative_error(actual[i], expected[i]), tolerance) << i;
  }
}

inline void expect_equal(const Tensors& actual, const Tensors& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (size_t i = 0; i < actual.size(); ++i) {
    EXPECT_TRUE(at::equal(actual[i], expected[i])) << i;
  }
}

inline void expect_same_on_any_threads(const Function& kernel, const Tensors& leaves) {
  int threads = at::get_num_threads();
  at::set_num_threads(1);
  Result one = run(kernel, leaves);
  at::set_num_threads(3);
  Result three = run(kernel, leaves);
  at::set_num_threads(threads);
  expect_equal(three.outputs, one.outputs);
  expect_equal(three.gradients, one.gradients);
}

inline void expect_agreement(const Function& kernel, const Function& reference,
                             const Tensors& inputs) {
  Tensors exact = as_leaves(inputs, at::kFloat), rounded = as_leaves(inputs, at::kBFloat16);
  Result expected = run(reference, exact), actual = run(kernel, exact);
  expect_near(actual.outputs, expected.outputs, 2e-6);
  expect_near(actual.gradients, expected.gradients, 5e-6);
  // Both see the same rounded numbers.
  expected = run(reference, as_leaves(rounded, at::kFloat));
  actual = run(kernel, rounded);
  expect_near(actual.outputs, expected.outputs, 1e-2);
  expect_near(actual.gradients, expected.gradients, 2e-2);
  for (const at::Tensor& x : actual.gradients) EXPECT_EQ(x.scalar_type(), at::kBFloat16);
  expect_same_on_any_threads(kernel, exact);
}

}  // namespace heed::kernel_check
