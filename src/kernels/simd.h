// What lets plain loops become vector code for the processor at hand, chosen at run time by cpu.h.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <new>
#include <vector>

#include "kernels/cpu.h"

// A loop is a HEED_INLINE function; vectorised<loop>(...) below calls the copy of it that is
// compiled for the processor's level. One whose sums may be taken in any order, so that they too
// become vectors, begins with HEED_REORDERED. HEED_IN_LANES stands before a sum over a row in whole
// vectors (products.h) whose padding must not change it: GCC's vectors keep to that by themselves.
//
// GCC knows that order as an attribute, which every function that becomes part of a loop must
// carry too: else the loop is no vector code. Its removal of partial redundancies (tree-pre) turns
// the clamps of the functions below into branches, with which no loop vectorises.
#if defined(__clang__)
#define HEED_COMPILED noinline
#define HEED_INLINE inline __attribute__((always_inline))
#define HEED_REORDERED _Pragma("clang fp reassociate(on) contract(fast)")
#define HEED_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#define HEED_UNROLLED _Pragma("clang loop unroll(full)")
#define HEED_IN_LANES _Pragma("clang loop vectorize_width(16) interleave_count(1)")
#else
#define HEED_ANY_ORDER                                                                       \
  optimize("O3", "no-math-errno", "no-trapping-math", "associative-math", "no-signed-zeros", \
           "no-tree-pre")
#define HEED_COMPILED noipa, HEED_ANY_ORDER
#define HEED_INLINE inline __attribute__((always_inline, HEED_ANY_ORDER))
#define HEED_REORDERED
#define HEED_INDEPENDENT _Pragma("GCC ivdep")
#define HEED_UNROLLED _Pragma("GCC unroll 8")
#define HEED_IN_LANES
#endif

#if defined(__x86_64__)
#define HEED_AVX2 target("arch=x86-64-v3"), HEED_COMPILED
#define HEED_AVX512 target("arch=x86-64-v4"), HEED_COMPILED
#endif

namespace heed::kernels {

// A loop, compiled once for each level.
template <auto kLoop>
struct Compiled;
template <typename Result, typename... Args, Result (*kLoop)(Args...)>
struct Compiled<kLoop> {
  __attribute__((HEED_COMPILED)) static Result plain(Args... args) { return kLoop(args...); }
#if defined(__x86_64__)
  __attribute__((HEED_AVX2)) static Result avx2(Args... args) { return kLoop(args...); }
  __attribute__((HEED_AVX512)) static Result avx512(Args... args) { return kLoop(args...); }
#endif
};

// Calls the loop as compiled for the processor's level; a level may have a loop of its own.
template <auto kPlain, auto kAvx2 = kPlain, auto kAvx512 = kAvx2, typename... Args>
inline auto vectorised(Args&&... args) {
#if defined(__x86_64__)
  CpuLevel level = cpu_level();
  if (level >= CpuLevel::kAvx512) return Compiled<kAvx512>::avx512(args...);
  if (level == CpuLevel::kAvx2) return Compiled<kAvx2>::avx2(args...);
#endif
  return Compiled<kPlain>::plain(args...);
}

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

// Memory for loops to work in. Vectors may sum what comes before the first address that they can be
// aligned to apart, so a sum's rounding depends on where its numbers lie: always on the same
// alignment, as those of tensors do, results are the same in every run.
template <typename T>
struct Aligned {
  using value_type = T;
  static constexpr std::align_val_t kAlignment{64};
  Aligned() = default;
  template <typename U>
  Aligned(const Aligned<U>&) {}
  T* allocate(size_t count) {
    return static_cast<T*>(::operator new(count * sizeof(T), kAlignment));
  }
  void deallocate(T* at, size_t) { ::operator delete(at, kAlignment); }
  friend bool operator==(const Aligned&, const Aligned&) { return true; }
};
using Floats = std::vector<float, Aligned<float>>;

// What loops over either number type read and write with.
HEED_INLINE float to_float(float x) { return x; }
HEED_INLINE void store(float* to, float x) { *to = x; }
HEED_INLINE void store(BFloat16Bits* to, float x) { *to = to_bfloat16(x); }

// Whether the fused kernels take x; what they do not take goes to plain LibTorch.
inline bool has_kernel(const at::Tensor& x) {
  return x.is_cpu() && (x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16);
}

inline const BFloat16Bits* bfloat16_bits(const at::Tensor& x) {
  return reinterpret_cast<const BFloat16Bits*>(x.const_data_ptr<at::BFloat16>());
}
inline BFloat16Bits* mutable_bfloat16_bits(const at::Tensor& x) {
  return reinterpret_cast<BFloat16Bits*>(x.mutable_data_ptr<at::BFloat16>());
}

// Integers in the order of the floats: their maximum is vector code without leave to forget NaN,
// which counts as more than infinity here, or with the sign bit set as less than -infinity.
HEED_INLINE int32_t ordered(float x) {
  auto bits = __builtin_bit_cast(int32_t, x);
  return bits ^ ((bits >> 31) & 0x7FFFFFFF);
}
HEED_INLINE float from_ordered(int32_t key) {
  return __builtin_bit_cast(float, key ^ ((key >> 31) & 0x7FFFFFFF));
}

// e^x to 2e-7 of its value, for x in [-87, 88]; below that 0. 2^n e^r with n the integer nearest to
// x / ln 2, which the addition of 1.5 * 2^23 leaves in the lowest bits, and a polynomial fitted for
// the smallest relative error over r.
HEED_INLINE float exp_fast(float x) {
  float clamped = x < -87.0f ? -87.0f : (x > 88.0f ? 88.0f : x);
  int32_t n = __builtin_bit_cast(int32_t, clamped * 1.44269504f + 12582912.0f) - 0x4B400000;
  auto whole = static_cast<float>(n);
  float r = clamped - whole * 0.693359375f + whole * 2.12194440e-4f;
  float p = 8.312501013e-3f;
  p = p * r + 4.189033061e-2f;
  p = p * r + 1.666711569e-1f;
  p = p * r + 4.999923110e-1f;
  p = p * r * r + r + 1.0f;
  float scale = __builtin_bit_cast(float, (n + 127) << 23);
  return x < -87.0f ? 0.0f : p * scale;
}

// tanh x to 4e-7 of its value: a quotient of polynomials in x^2, fitted for the smallest relative
// error up to the clamp, from where on float32 knows no difference from 1.
HEED_INLINE float tanh_fast(float x) {
  constexpr float kOne = 7.9053111f;
  float c = x < -kOne ? -kOne : (x > kOne ? kOne : x);
  float u = c * c;
  float p = 1.541840558e-8f;
  p = p * u + 2.201711065e-5f;
  p = p * u + 3.578642298e-3f;
  p = p * u + 1.345033178e-1f;
  p = p * u + 9.999999943e-1f;
  float q = 8.595113582e-7f;
  q = q * u + 3.423063977e-4f;
  q = q * u + 2.619092585e-2f;
  q = q * u + 4.678365976e-1f;
  q = q * u + 1.0f;
  return c * p / q;
}

// 1 / (1 + e^-x) to 3e-7.
HEED_INLINE float sigmoid_fast(float x) { return 0.5f + 0.5f * tanh_fast(0.5f * x); }

}  // namespace heed::kernels
