// What an update of the weights does to flat parameters, each in one pass over memory.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace heed::kernels {

// sum += the sum of `gradients`, which become 0. sum [n] float32; gradients [n] of one type,
// float32 or bfloat16; or none. They are added up in float32 as in util/tree_sum.h. Returns the
// squared norm of each block of kNormBlock elements of the new sum, the last of which may be
// shorter: added up in their order, the norms do not depend on who measured which.
constexpr int64_t kNormBlock = 1 << 15;
std::vector<double> sum_gradients(const at::Tensor& sum, const std::vector<at::Tensor>& gradients);

// One update by Adam (Kingma and Ba, 2015, algorithm 1) or, decoupled, AdamW (Loshchilov and
// Hutter, 2019, algorithm 2).
struct AdamStep {
  double learning_rate, beta1, beta2, epsilon, weight_decay;
  bool decoupled;
  int64_t number;  // of this update, from 1
  double scale;    // of the gradient: 1 / tokens, and what clipping makes of it
};
struct AdamTensors {
  at::Tensor master, gradient, first, second;  // [n] float32; gradient becomes 0
  at::Tensor compute;  // [n] bfloat16 copy of the new master; undefined where it is the master
};
void adam_update(const AdamTensors& tensors, const AdamStep& step);

// The same in plain LibTorch, for devices other than the CPU and for the test.
std::vector<double> sum_gradients_reference(const at::Tensor& sum,
                                            const std::vector<at::Tensor>& gradients);
void adam_update_reference(const AdamTensors& tensors, const AdamStep& step);

}  // namespace heed::kernels
