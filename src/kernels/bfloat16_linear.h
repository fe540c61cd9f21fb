// y = x W^T + b with both factors rounded to bfloat16, products and sums in float32.
#pragma once

#include "kernels/packed_linear.h"

namespace heed::kernels {

// weight [out, in], float32 or bfloat16, on the CPU; bias [out] or undefined.
std::shared_ptr<const PackedLinear> pack_bfloat16(const at::Tensor& weight, const at::Tensor& bias);

// Whether this CPU has the instruction that makes it pay (AVX-512 BF16); without it the numbers are
// the same to float32's rounding and come slowly.
bool has_bfloat16_instructions();

}  // namespace heed::kernels
