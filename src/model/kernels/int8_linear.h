// y = x W^T + b with W in 8 bits: a scale for each row of W, made once, and one for each row of x,
// made at run time. Sums are exact integers, so a row of y depends on no other row of x.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

namespace heed::kernels {

// A weight [out, in] as Int8Linear reads it.
struct Int8Weight {
  // [ceil(out / 16), ceil(in / 4), 16, 4] uint8: panels of 16 outputs, four inputs of each side by
  // side as a dot product instruction takes them; each is round(w / scale) + 128, padding 128.
  at::Tensor packed;
  at::Tensor scales;  // [16 * panels] float32: the row's largest magnitude / 127
  int64_t out = 0, in = 0;
};

// weight [out, in], float32 or bfloat16, on the CPU.
Int8Weight quantise_weight(const at::Tensor& weight);

// x [..., in] float32 on the CPU, bias [out] float32 or undefined -> [..., out] float32.
at::Tensor int8_linear(const at::Tensor& x, const Int8Weight& weight, const at::Tensor& bias);

// The same by LibTorch in float64: both sides rounded to their 8 bits and multiplied.
at::Tensor int8_linear_reference(const at::Tensor& x, const at::Tensor& weight,
                                 const at::Tensor& bias);

// Whether this CPU has the instruction that makes 8 bits pay (AVX-512 VNNI); without it
// int8_linear gives the same numbers slowly.
bool has_int8_instructions();

}  // namespace heed::kernels
