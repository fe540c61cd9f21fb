// Output projection, soft-max and loss together, in chunks of rows: the logits stay in the cache
// and are never held whole; their gradient is made in the same pass.
#pragma once

#include <ATen/core/Tensor.h>

namespace heed::kernels {

struct ProjectionLoss {
  at::Tensor smoothed_sum;    // scalar float32, differentiable by states, weight and bias
  at::Tensor log_likelihood;  // [N] float32: log P(target), not smoothed, without gradient
};

// states [N, H], weight [V, H], bias [V] in float32 or bfloat16; targets [N] int64. Soft-max and
// loss are computed in float32. Gradients are made only where autograd asks for them.
ProjectionLoss projection_loss(const at::Tensor& states, const at::Tensor& weight,
                               const at::Tensor& bias, const at::Tensor& targets, double smoothing);

// The same in plain LibTorch, for the test.
ProjectionLoss projection_loss_reference(const at::Tensor& states, const at::Tensor& weight,
                                         const at::Tensor& bias, const at::Tensor& targets,
                                         double smoothing);

}  // namespace heed::kernels
