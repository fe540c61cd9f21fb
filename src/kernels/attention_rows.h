// The loops of attention over one sentence, all in float32.
#pragma once

#include <cstdint>

#include "kernels/simd.h"

namespace heed::kernels {

// sum_i x_i y_i
float dot(const float* x, const float* y, int64_t size);
// sum_i e_i tanh(q_i + k_i)
float hidden_score(const float* query, const float* key, const float* energy, int64_t size);
// y += a x
void add_scaled(const float* x, float a, float* y, int64_t size);
// q_i += d e_i (1 - tanh^2(q_i + k_i)), where d is the gradient of hidden_score
void add_query_gradient(const float* query, const float* key, const float* energy, float d,
                        float* by_query, int64_t size);
// The same into the key's gradient, and d tanh(q_i + k_i) into the energy's.
void add_key_gradient(const float* query, const float* key, const float* energy, float d,
                      float* by_key, float* by_energy, int64_t size);

// Soft-max in place; scores beyond `size` up to in_lanes(size) are overwritten with 0, so that the
// sums do not depend on where in a vector the row ends.
void softmax_row(float* scores, int64_t size);

}  // namespace heed::kernels
