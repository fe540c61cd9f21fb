// The boundary between two sublayers of a Transformer in one pass: residual sum, dropout and the
// layer normalisation that follows.
#pragma once

#include <ATen/core/Tensor.h>

namespace heed::kernels {

struct SumAndNorm {
  at::Tensor sum;         // x + dropout(update, p)
  at::Tensor normalised;  // layer normalisation of the sum (Ba et al., 2016, equation 4)
};

// What a layer normalisation has: weight and bias [H], and what is added to the variance.
struct NormTensors {
  at::Tensor weight, bias;
  double epsilon = 1e-5;
};

// x and update [..., H], they and the norm's tensors all float32 or all bfloat16; p = 0 drops
// nothing. Statistics are those of the sum as rounded, in float32. Elsewhere than on the CPU, and
// in other types: the reference. Throws Error where x and update differ in shape.
SumAndNorm add_norm(const at::Tensor& x, const at::Tensor& update, double p,
                    const NormTensors& norm);

// The norm alone, of rows on the CPU: x [rows, size] -> out [rows, size], which may not overlap.
struct Norm {
  const float *weight, *bias;  // [size]
  float epsilon;
};
void normalise(const float* x, int64_t rows, int64_t size, const Norm& norm, float* out);

// add_norm in plain LibTorch, with the mask of the same call.
SumAndNorm add_norm_reference(const at::Tensor& x, const at::Tensor& update, double p,
                              const NormTensors& norm);

}  // namespace heed::kernels
