// Dropout whose mask is a hash of (seed, position): nothing to store, the backward pass makes it
// again.
#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <cstdint>

namespace heed::kernels {

// Where a thread's sequence of random draws stands. Who trains sets it before each batch to a
// function of the training's seed and the batch's place, so that a resumed training draws the same.
struct DropoutState {
  uint64_t seed = 1;
  uint64_t calls = 0;
};
DropoutState& dropout_state();  // this thread's

// A generator for the next draw of the same sequence, for noise other than dropout's, on the CPU.
at::Generator next_generator();

// Each element zeroed with probability p, else scaled by 1 / (1 - p) (Srivastava et al., 2014), in
// float32 or bfloat16; p is rounded as mask.h says. x itself where p is 0. On a device other than
// the CPU: LibTorch's own dropout.
at::Tensor dropout(const at::Tensor& x, double p);

}  // namespace heed::kernels
