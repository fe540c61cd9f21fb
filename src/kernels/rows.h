// Rows of float32 or bfloat16 numbers, in and out of float32, in which the kernels compute.
#pragma once

#include "kernels/simd.h"

namespace heed::kernels {

// The numbers of a contiguous tensor; Number is float or BFloat16Bits, as its type is.
template <typename Number>
const Number* read(const at::Tensor& x) {
  if constexpr (std::is_same_v<Number, float>)
    return x.const_data_ptr<float>();
  else
    return bfloat16_bits(x);
}
template <typename Number>
Number* write(const at::Tensor& x) {
  if constexpr (std::is_same_v<Number, float>)
    return x.mutable_data_ptr<float>();
  else
    return mutable_bfloat16_bits(x);
}

// Calls work(Number()) for the type of x's numbers.
template <typename Work>
void with_number_of(const at::Tensor& x, Work&& work) {
  if (x.scalar_type() == at::kFloat) {
    work(float{});
  } else {
    work(BFloat16Bits{});
  }
}

// `rows` rows of `size` numbers, from rows that are `from` numbers apart to rows `to` apart.
struct Copied {
  int64_t rows, size, from, to;
};
void widen(const float* x, float* out, const Copied& what);
void widen(const BFloat16Bits* x, float* out, const Copied& what);
void narrow(const float* x, float* out, const Copied& what);
void narrow(const float* x, BFloat16Bits* out, const Copied& what);

// sums[j] += x[i, j] over i, in order: x [rows, columns], its rows `stride` apart.
struct Columns {
  int64_t rows, columns, stride;
};
void add_columns(const float* x, float* sums, const Columns& of);
void add_columns(const BFloat16Bits* x, float* sums, const Columns& of);

}  // namespace heed::kernels
