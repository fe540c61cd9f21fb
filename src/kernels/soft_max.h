// The passes of a soft-max over a row, parts of the loops (simd.h) that make one.
//
// Two kernels have a pass of their own, since another order of their sums would change results or
// cost one more: attention_step.cpp works in whole vectors of a few scores, top_k.cpp stores no
// exponentials.
#pragma once

#include <cstdint>

#include "kernels/simd.h"

namespace heed::kernels {

// max_i x_i of `size` numbers, at least one.
HEED_INLINE float largest_of(const float* x, int64_t size) {
  float largest = x[0];
  for (int64_t i = 1; i < size; ++i) largest = x[i] > largest ? x[i] : largest;
  return largest;
}

// x_i = e^(x_i - shift); returns their sum.
HEED_INLINE float exponentiate(float* x, int64_t size, float shift) {
  HEED_REORDERED
  float sum = 0;
  HEED_IN_LANES
  for (int64_t i = 0; i < size; ++i) {
    x[i] = exp_fast(x[i] - shift);
    sum += x[i];
  }
  return sum;
}

// exps_i = e^(x_i - shift); returns their sum, and the sum of all x in `total`.
HEED_INLINE float exponentials_of(const float* x, float* exps, int64_t size, float shift,
                                  float& total) {
  HEED_REORDERED
  float sum = 0, logits = 0;
  for (int64_t i = 0; i < size; ++i) {
    float e = exp_fast(x[i] - shift);
    exps[i] = e;
    sum += e;
    logits += x[i];
  }
  total = logits;
  return sum;
}

HEED_INLINE void scale_by(float factor, float* x, int64_t size) {
  for (int64_t i = 0; i < size; ++i) x[i] *= factor;
}

}  // namespace heed::kernels
