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

void widen(const float* x, float* out, const Copied& what) {
  vectorised<copy_loop<float, float>>(x, out, what);
}
void widen(const BFloat16Bits* x, float* out, const Copied& what) {
  vectorised<copy_loop<BFloat16Bits, float>>(x, out, what);
}
void narrow(const float* x, float* out, const Copied& what) { widen(x, out, what); }
void narrow(const float* x, BFloat16Bits* out, const Copied& what) {
  vectorised<copy_loop<float, BFloat16Bits>>(x, out, what);
}
void add_columns(const float* x, float* sums, const Columns& of) {
  vectorised<add_columns_loop<float>>(x, sums, of);
}
void add_columns(const BFloat16Bits* x, float* sums, const Columns& of) {
  vectorised<add_columns_loop<BFloat16Bits>>(x, sums, of);
}

}  // namespace heed::kernels
