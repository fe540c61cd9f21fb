// The loops of attention over one sentence, all in float32.
#pragma once

#include <cstdint>
#include <limits>

#include "kernels/products.h"
#include "kernels/soft_max.h"

namespace heed::kernels {

HEED_INLINE float dot_loop(const float* x, const float* y, int64_t size) {
  HEED_REORDERED
  float sum = 0;
  for (int64_t i = 0; i < size; ++i) sum += x[i] * y[i];
  return sum;
}

HEED_INLINE float hidden_loop(const float* query, const float* key, const float* energy,
                              int64_t size) {
  HEED_REORDERED
  float sum = 0;
  for (int64_t i = 0; i < size; ++i) sum += energy[i] * tanh_fast(query[i] + key[i]);
  return sum;
}

HEED_INLINE void add_scaled_loop(const float* x, float a, float* y, int64_t size) {
  for (int64_t i = 0; i < size; ++i) y[i] += a * x[i];
}

HEED_INLINE void add_rows_loop(const float* __restrict x, float* __restrict y, int64_t size) {
  for (int64_t i = 0; i < size; ++i) y[i] += x[i];
}

HEED_INLINE void query_gradient_loop(const float* query, const float* key, const float* energy,
                                     float d, float* by_query, int64_t size) {
  HEED_INDEPENDENT
  for (int64_t i = 0; i < size; ++i) {
    float hidden = tanh_fast(query[i] + key[i]);
    by_query[i] += d * energy[i] * (1 - hidden * hidden);
  }
}

HEED_INLINE void key_gradient_loop(const float* query, const float* key, const float* energy,
                                   float d, float* by_key, float* by_energy, int64_t size) {
  HEED_INDEPENDENT
  for (int64_t i = 0; i < size; ++i) {
    float hidden = tanh_fast(query[i] + key[i]);
    by_key[i] += d * energy[i] * (1 - hidden * hidden);
    by_energy[i] += d * hidden;
  }
}

// sum_i x_i y_i
inline float dot(const float* x, const float* y, int64_t size) {
  return vectorised<dot_loop>(x, y, size);
}

// sum_i e_i tanh(q_i + k_i)
inline float hidden_score(const float* query, const float* key, const float* energy, int64_t size) {
  return vectorised<hidden_loop>(query, key, energy, size);
}

// y += a x
inline void add_scaled(const float* x, float a, float* y, int64_t size) {
  vectorised<add_scaled_loop>(x, a, y, size);
}

// y += x
inline void add_rows(const float* x, float* y, int64_t size) {
  vectorised<add_rows_loop>(x, y, size);
}

// q_i += d e_i (1 - tanh^2(q_i + k_i)), where d is the gradient of hidden_score
inline void add_query_gradient(const float* query, const float* key, const float* energy, float d,
                               float* by_query, int64_t size) {
  vectorised<query_gradient_loop>(query, key, energy, d, by_query, size);
}

// The same into the key's gradient, and d tanh(q_i + k_i) into the energy's.
inline void add_key_gradient(const float* query, const float* key, const float* energy, float d,
                             float* by_key, float* by_energy, int64_t size) {
  vectorised<key_gradient_loop>(query, key, energy, d, by_key, by_energy, size);
}

// Soft-max in place; scores beyond `size` up to in_lanes(size) are overwritten with 0, so that the
// sums do not depend on where in a vector the row ends.
inline void softmax_row(float* scores, int64_t size) {
  int64_t padded = in_lanes(size);
  for (int64_t i = size; i < padded; ++i) scores[i] = -std::numeric_limits<float>::infinity();
  float sum = vectorised<exponentiate>(scores, padded, vectorised<largest_of>(scores, padded));
  vectorised<scale_by>(1 / sum, scores, padded);
}

// One query's attention to a sentence of so many pieces: its weights, which take room for whole
// vectors, and its context, which must be zero. is_real(s), score(s) and value(s), a row of
// value_width, are of piece s.
template <typename IsReal, typename Score, typename Value>
void attend_row(int64_t length, int64_t value_width, IsReal&& is_real, Score&& score, Value&& value,
                float* weights, float* context) {
  for (int64_t s = 0; s < length; ++s) {
    weights[s] = is_real(s) ? score(s) : -std::numeric_limits<float>::infinity();
  }
  softmax_row(weights, length);
  for (int64_t s = 0; s < length; ++s) {
    if (is_real(s)) add_scaled(value(s), weights[s], context, value_width);
  }
}

}  // namespace heed::kernels
