// The losses of two passes over the same targets, and how far apart their distributions are: output
// projection, soft-max, loss and gradient in chunks of rows, as in projection_loss.h.
#pragma once

#include <ATen/core/Tensor.h>

namespace heed::kernels {

// What each part of the loss counts.
struct PairWeights {
  double first = 0.5, second = 0.5;  // smoothed cross-entropy of each pass
  double forward = 0, backward = 0;  // KL(first || second) and KL(second || first)
};

struct PairedLoss {
  at::Tensor sum;             // scalar float32, differentiable by states, weight and bias
  double smoothed_sum;        // of it: both cross-entropies, weighted
  at::Tensor log_likelihood;  // [2 N] float32: log P(target), not smoothed, without gradient
};

// states [2 N, H]: row i + N is the second pass's for the target of row i. weight [V, H], bias [V],
// targets [N] int64, as projection_loss has them. Both sides of a divergence have gradients.
PairedLoss paired_loss(const at::Tensor& states, const at::Tensor& weight, const at::Tensor& bias,
                       const at::Tensor& targets, double smoothing, const PairWeights& weights);

// The same in plain LibTorch, for the test.
PairedLoss paired_loss_reference(const at::Tensor& states, const at::Tensor& weight,
                                 const at::Tensor& bias, const at::Tensor& targets,
                                 double smoothing, const PairWeights& weights);

}  // namespace heed::kernels
