#include "kernels/linear_attention.h"

#include "kernels/torch.h"

#include <algorithm>

#include "kernels/attention_step.h"
#include "kernels/rows.h"
#include "kernels/simd.h"

namespace heed::kernels {
namespace {

HEED_INLINE void feature_loop(const float* x, float* phi, int64_t size) {
  for (int64_t i = 0; i < size; ++i) {
    float below = exp_fast(x[i] < 0 ? x[i] : 0.0f);
    phi[i] = x[i] > 0 ? x[i] + 1 : below;
  }
}

// One row of a head's sum: after = before + key * (value, 1), and its share of the context, which
// is [D + 1].
HEED_INLINE void sum_loop(const float* __restrict before, const float* __restrict value, float key,
                          float query, float* __restrict after, float* __restrict context,
                          int64_t width) {
  for (int64_t j = 0; j < width; ++j) {
    float sum = before[j] + key * value[j];
    after[j] = sum;
    context[j] += query * sum;
  }
  after[width] = before[width] + key;
  context[width] += query * after[width];
}

HEED_INLINE void head_loop(const float* queries, const float* keys, const float* value,
                           const float* before, float* after, float* context, int64_t width) {
  for (int64_t i = 0; i < width; ++i, before += width + 1, after += width + 1) {
    sum_loop(before, value, keys[i], queries[i], after, context, width);
  }
  float inverse = 1.0f / context[width];
  for (int64_t j = 0; j < width; ++j) context[j] *= inverse;
}

}  // namespace

at::Tensor with_ones(const at::Tensor& values) {
  return at::cat({values, at::ones_like(values.slice(-1, 0, 1))}, -1);
}

at::Tensor linear_feature(const at::Tensor& x) {
  return at::where(x > 0, x + 1, at::exp(x.clamp_max(0)));
}

void attend_to_sums(const float* query_key_value, const RunningSums& sums, const LinearShape& shape,
                    float* context) {
  auto [rows, heads, width] = shape;
  int64_t hidden = heads * width, of_head = width * (width + 1);
  thread_local Floats scratch;  // phi of queries and keys, then a head's context and its normaliser
  scratch.resize(2 * hidden + width + 1);
  float* sum = scratch.data() + 2 * hidden;
  for (int64_t row = 0; row < rows; ++row, query_key_value += 3 * hidden) {
    int64_t parent = sums.parents ? sums.parents[row] : row;
    vectorised<feature_loop>(query_key_value, scratch.data(), 2 * hidden);
    for (int64_t a = 0; a < heads; ++a) {
      std::fill_n(sum, width + 1, 0.0f);
      vectorised<head_loop>(scratch.data() + a * width, scratch.data() + hidden + a * width,
                            query_key_value + 2 * hidden + a * width,
                            sums.before + (parent * heads + a) * of_head,
                            sums.after + (row * heads + a) * of_head, sum, width);
      std::copy_n(sum, width, context + row * hidden + a * width);
    }
  }
}

LinearStep linear_attention_step(const at::Tensor& query_key_value, const at::Tensor& sums,
                                 const at::Tensor& parents) {
  if (!takes_steps(query_key_value) || !sums.is_contiguous()) {
    return linear_attention_step_reference(query_key_value, sums, parents);
  }
  at::Tensor projected = query_key_value.contiguous();
  int64_t rows = projected.size(0), heads = sums.size(1), width = sums.size(2);
  LinearStep step{at::empty({rows, heads * width}, projected.options()),
                  at::empty({rows, heads, width, width + 1}, sums.options())};
  attend_to_sums(projected.const_data_ptr<float>(),
                 {.before = sums.const_data_ptr<float>(),
                  .parents = parents.defined() ? parents.const_data_ptr<int32_t>() : nullptr,
                  .after = step.sums.mutable_data_ptr<float>()},
                 {rows, heads, width}, step.context.mutable_data_ptr<float>());
  return step;
}

LinearStep linear_attention_step_reference(const at::Tensor& query_key_value,
                                           const at::Tensor& sums, const at::Tensor& parents) {
  int64_t rows = query_key_value.size(0), heads = sums.size(1), width = sums.size(2);
  at::Tensor parts = query_key_value.reshape({rows, 3, heads, 1, width});
  at::Tensor before = parents.defined() ? sums.index_select(0, parents) : sums;
  at::Tensor keys = linear_feature(parts.select(1, 1)).transpose(2, 3);
  at::Tensor after = before + at::matmul(keys, with_ones(parts.select(1, 2)));
  at::Tensor mixed =
      at::matmul(linear_feature(parts.select(1, 0)), after.to(query_key_value.scalar_type()));
  at::Tensor context = mixed.slice(3, 0, width) / mixed.slice(3, width);
  return {context.reshape({rows, heads * width}), after};
}

}  // namespace heed::kernels
