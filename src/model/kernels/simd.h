// What lets plain loops become vector code for the processor at hand, chosen at run time.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

// One copy of the function for each level of x86-64, picked when the program starts; elsewhere the
// compiler's own vectorisation for the one target.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__)
#define HEED_FREE_ORDER \
  __attribute__((       \
      optimize("O3", "no-math-errno", "no-trapping-math", "associative-math", "no-signed-zeros")))
#define HEED_SIMD __attribute__((target_clones("avx512f", "avx2", "default"))) HEED_FREE_ORDER
#else
#define HEED_FREE_ORDER
#define HEED_SIMD
#endif

// Functions that HEED_SIMD loops call must become part of them: so __builtin_bit_cast here, which
// is no call, in place of std::bit_cast. They carry the loops' leave to change the order of
// operations: without it GCC takes it from any loop that they become part of, which then is no
// vector code.
#define HEED_INLINE HEED_FREE_ORDER inline __attribute__((always_inline))

namespace heed::kernels {

// bfloat16 as its bits, so that loops over it vectorise.
using BFloat16Bits = uint16_t;

HEED_INLINE float to_float(BFloat16Bits x) {
  return __builtin_bit_cast(float, static_cast<uint32_t>(x) << 16);
}

// Round to nearest, ties to even. Not for NaN.
HEED_INLINE BFloat16Bits to_bfloat16(float x) {
  uint32_t bits = __builtin_bit_cast(uint32_t, x);
  return static_cast<BFloat16Bits>((bits + 0x7FFFu + ((bits >> 16) & 1u)) >> 16);
}

inline const BFloat16Bits* bfloat16_bits(const at::Tensor& x) {
  return reinterpret_cast<const BFloat16Bits*>(x.const_data_ptr<at::BFloat16>());
}
inline BFloat16Bits* mutable_bfloat16_bits(const at::Tensor& x) {
  return reinterpret_cast<BFloat16Bits*>(x.mutable_data_ptr<at::BFloat16>());
}

// e^x to about 1 unit in the last place, for x in [-87, 88]; below that 0 (Cephes' polynomial).
HEED_INLINE float exp_fast(float x) {
  float clamped = x < -87.0f ? -87.0f : (x > 88.0f ? 88.0f : x);
  float n = __builtin_floorf(clamped * 1.44269504f + 0.5f);
  float r = clamped - n * 0.693359375f + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  float scale = __builtin_bit_cast(float, (static_cast<int32_t>(n) + 127) << 23);
  return x < -87.0f ? 0.0f : p * scale;
}

}  // namespace heed::kernels
