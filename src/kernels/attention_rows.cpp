#include "kernels/attention_rows.h"

#include <limits>

#include "kernels/products.h"

namespace heed::kernels {
namespace {

HEED_SIMD float maximum(const float* x, int64_t size) {
  float result = x[0];
  for (int64_t i = 1; i < size; ++i) result = x[i] > result ? x[i] : result;
  return result;
}

HEED_SIMD float exponentiate(float* x, int64_t size, float shift) {
  float sum = 0;
  for (int64_t i = 0; i < size; ++i) {
    x[i] = exp_fast(x[i] - shift);
    sum += x[i];
  }
  return sum;
}

HEED_SIMD void scale(float* x, int64_t size, float by) {
  for (int64_t i = 0; i < size; ++i) x[i] *= by;
}

}  // namespace

HEED_SIMD float dot(const float* x, const float* y, int64_t size) {
  float sum = 0;
  for (int64_t i = 0; i < size; ++i) sum += x[i] * y[i];
  return sum;
}

HEED_SIMD float hidden_score(const float* query, const float* key, const float* energy,
                             int64_t size) {
  float sum = 0;
  for (int64_t i = 0; i < size; ++i) sum += energy[i] * tanh_fast(query[i] + key[i]);
  return sum;
}

HEED_SIMD void add_scaled(const float* x, float a, float* y, int64_t size) {
  for (int64_t i = 0; i < size; ++i) y[i] += a * x[i];
}

HEED_SIMD void add_query_gradient(const float* query, const float* key, const float* energy,
                                  float d, float* by_query, int64_t size) {
#pragma GCC ivdep
  for (int64_t i = 0; i < size; ++i) {
    float hidden = tanh_fast(query[i] + key[i]);
    by_query[i] += d * energy[i] * (1 - hidden * hidden);
  }
}

HEED_SIMD void add_key_gradient(const float* query, const float* key, const float* energy, float d,
                                float* by_key, float* by_energy, int64_t size) {
#pragma GCC ivdep
  for (int64_t i = 0; i < size; ++i) {
    float hidden = tanh_fast(query[i] + key[i]);
    by_key[i] += d * energy[i] * (1 - hidden * hidden);
    by_energy[i] += d * hidden;
  }
}

void softmax_row(float* scores, int64_t size) {
  int64_t padded = in_lanes(size);
  for (int64_t i = size; i < padded; ++i) scores[i] = -std::numeric_limits<float>::infinity();
  float sum = exponentiate(scores, padded, maximum(scores, padded));
  scale(scores, padded, 1 / sum);
}

}  // namespace heed::kernels
