#include "kernels/rows.h"

namespace heed::kernels {
namespace {

template <typename From, typename To>
HEED_INLINE void copy_loop(const From* x, To* out, const Copied& what) {
  for (int64_t row = 0; row < what.rows; ++row) {
    const From* __restrict from = x + row * what.from;
    To* __restrict to = out + row * what.to;
    for (int64_t i = 0; i < what.size; ++i) store(&to[i], to_float(from[i]));
  }
}

template <typename Number>
HEED_INLINE void add_columns_loop(const Number* x, float* sums, const Columns& of) {
  for (int64_t row = 0; row < of.rows; ++row) {
    const Number* __restrict from = x + row * of.stride;
    float* __restrict to = sums;
    for (int64_t i = 0; i < of.columns; ++i) to[i] += to_float(from[i]);
  }
}

}  // namespace

HEED_SIMD void widen(const float* x, float* out, const Copied& what) { copy_loop(x, out, what); }
HEED_SIMD void widen(const BFloat16Bits* x, float* out, const Copied& what) {
  copy_loop(x, out, what);
}
HEED_SIMD void narrow(const float* x, float* out, const Copied& what) { copy_loop(x, out, what); }
HEED_SIMD void narrow(const float* x, BFloat16Bits* out, const Copied& what) {
  copy_loop(x, out, what);
}
HEED_SIMD void add_columns(const float* x, float* sums, const Columns& of) {
  add_columns_loop(x, sums, of);
}
HEED_SIMD void add_columns(const BFloat16Bits* x, float* sums, const Columns& of) {
  add_columns_loop(x, sums, of);
}

}  // namespace heed::kernels
