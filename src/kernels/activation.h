// Activation and dropout of a feed-forward sublayer in one pass, forward and backward.
#pragma once

#include <ATen/core/Tensor.h>

namespace heed::kernels {

enum class Activation {
  kRelu,       // max(x, 0)
  kGelu,       // x P(Z < x) for a standard normal Z (Hendrycks and Gimpel, 2016), erf to 1.5e-7
  kQuickGelu,  // x sigmoid(1.702 x), the same paper's approximation
  kSwish,      // x sigmoid(x) (Ramachandran et al., 2017, arXiv 1710.05941)
};

// dropout(activation(x), p), x of any shape in float32 or bfloat16; p = 0 drops nothing. Elsewhere
// than on the CPU, and in other types: the reference.
at::Tensor activation_dropout(const at::Tensor& x, Activation activation, double p);

// The activation alone, of plain memory: `out` may not overlap x.
void activate(const float* x, int64_t size, Activation activation, float* out);

// activation_dropout in plain LibTorch, with the mask of the same call.
at::Tensor activation_dropout_reference(const at::Tensor& x, Activation activation, double p);

}  // namespace heed::kernels
