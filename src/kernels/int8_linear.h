// y = x W^T + b with W in 8 bits: a scale for each row of W, made once, and one for each row of x,
// made at run time. Sums are exact integers, so a row of y depends on no other row of x.
#pragma once

#include "kernels/packed_linear.h"

namespace heed::kernels {

// weight [out, in], float32 or bfloat16, on the CPU; bias [out] or undefined.
std::shared_ptr<const PackedLinear> pack_int8(const at::Tensor& weight, const at::Tensor& bias);

// Whether this CPU has the instruction that makes 8 bits pay (AVX-512 VNNI); without it the numbers
// are the same and come slowly.
bool has_int8_instructions();

}  // namespace heed::kernels
