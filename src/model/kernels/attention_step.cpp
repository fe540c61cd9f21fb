#include "model/kernels/attention_step.h"

#include "model/torch.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "model/kernels/simd.h"

namespace heed::kernels {
namespace {

// One head of one query and the rows that it looks at.
struct HeadStep {
  const float* query;                // [Dk]
  const float *keys, *values;        // of row 0, this head's
  const int32_t* rows;               // [count]: which rows
  int64_t key_stride, value_stride;  // from row to row
  int64_t count;
  const float* bias;  // [count] or null
  float scale;
  float* weights;  // [padded(count)], written
  float* context;  // [Dv], written
};

constexpr int64_t kLanes = 16;
using Lanes = float __attribute__((vector_size(kLanes * sizeof(float))));

// Room for `count` weights: soft-maxes are made in whole vectors.
HEED_INLINE int64_t padded(int64_t count) { return (count + kLanes - 1) / kLanes * kLanes; }

// Soft-max of the scores, into weights.
HEED_INLINE void score(const HeadStep& h, int64_t key_width) {
  constexpr float kNothing = -3.0e38f;
  float maximum = kNothing;
  for (int64_t j = 0; j < h.count; ++j) {
    const float* key = h.keys + h.rows[j] * h.key_stride;
    float product = 0;
    for (int64_t d = 0; d < key_width; ++d) product += h.query[d] * key[d];
    float score = product * h.scale + (h.bias ? h.bias[j] : 0.0f);
    h.weights[j] = score;
    maximum = score > maximum ? score : maximum;
  }
  int64_t room = padded(h.count);
  for (int64_t j = h.count; j < room; ++j) h.weights[j] = kNothing;
  float sum = 0;
  for (int64_t j = 0; j < room; ++j) {
    float weight = exp_fast(h.weights[j] - maximum);
    h.weights[j] = weight;
    sum += weight;
  }
  float inverse = 1.0f / sum;
  for (int64_t j = 0; j < room; ++j) h.weights[j] *= inverse;
}

// Values by their weights, kLanes of them at a time in a register.
HEED_INLINE void average(const HeadStep& h, int64_t value_width) {
  int64_t first = 0;
  for (; first + kLanes <= value_width; first += kLanes) {
    Lanes sum = {};
    for (int64_t j = 0; j < h.count; ++j) {
      Lanes value;
      __builtin_memcpy(&value, h.values + h.rows[j] * h.value_stride + first, sizeof value);
      sum += h.weights[j] * value;
    }
    __builtin_memcpy(h.context + first, &sum, sizeof sum);
  }
  for (; first < value_width; ++first) {
    float sum = 0;
    for (int64_t j = 0; j < h.count; ++j) {
      sum += h.weights[j] * h.values[h.rows[j] * h.value_stride + first];
    }
    h.context[first] = sum;
  }
}

HEED_SIMD void attend(const HeadStep& h, int64_t key_width, int64_t value_width) {
  // A width known to the compiler needs no loop.
  if (key_width == 32) {
    score(h, 32);
  } else if (key_width == 64) {
    score(h, 64);
  } else {
    score(h, key_width);
  }
  average(h, value_width);
}

constexpr int64_t kGrainRows = 16;

}  // namespace

bool takes_steps(const at::Tensor& x) {
  return x.is_cpu() && x.scalar_type() == at::kFloat && !at::GradMode::is_enabled();
}

at::Tensor self_attention_step(const at::Tensor& queries, const at::Tensor& stored,
                               const at::Tensor& origins, const StepShape& shape) {
  int64_t hidden = queries.size(1), width = hidden / shape.heads, length = origins.size(1);
  at::Tensor context = at::empty({queries.size(0), hidden}, stored.options());
  const auto* query = queries.const_data_ptr<float>();
  const auto* pieces = stored.const_data_ptr<float>();
  const auto* rows = origins.const_data_ptr<int32_t>();
  auto* out = context.mutable_data_ptr<float>();
  at::parallel_for(0, queries.size(0), kGrainRows, [&](int64_t begin, int64_t end) {
    Floats weights(padded(length));
    for (int64_t row = begin; row < end; ++row) {
      for (int64_t head = 0; head < shape.heads; ++head) {
        int64_t first = head * width;
        attend({query + row * queries.stride(0) + first, pieces + first, pieces + hidden + first,
                rows + row * origins.stride(0), stored.stride(0), stored.stride(0), length, nullptr,
                static_cast<float>(shape.scale), weights.data(), out + row * hidden + first},
               width, width);
      }
    }
  });
  return context;
}

SourceContext source_attention_step(const at::Tensor& queries, const at::Tensor& keys,
                                    const at::Tensor& values, const at::Tensor& padding,
                                    const StepShape& shape) {
  at::Tensor all_keys = keys.contiguous(), all_values = values.contiguous(),
             q = queries.contiguous(), bias = padding.defined() ? padding.contiguous() : padding;
  int64_t batch = keys.size(0), length = keys.size(2), key_width = keys.size(3),
          value_width = values.size(3), beam = q.size(0) / batch;
  SourceContext result{at::empty({q.size(0), shape.heads * value_width}, q.options()),
                       at::empty({batch, shape.heads, beam, length}, q.options())};
  const auto *query = q.const_data_ptr<float>(), *key = all_keys.const_data_ptr<float>(),
             *value = all_values.const_data_ptr<float>();
  const auto* hidden = bias.defined() ? bias.const_data_ptr<float>() : nullptr;
  auto *context = result.context.mutable_data_ptr<float>(),
       *weights = result.weights.mutable_data_ptr<float>();
  std::vector<int32_t> positions(length);
  std::iota(positions.begin(), positions.end(), 0);
  at::parallel_for(0, batch * shape.heads, kGrainRows, [&](int64_t begin, int64_t end) {
    Floats scratch(padded(length));
    for (int64_t i = begin; i < end; ++i) {
      int64_t sentence = i / shape.heads, head = i % shape.heads;
      for (int64_t k = 0; k < beam; ++k) {
        int64_t row_head = (sentence * beam + k) * shape.heads + head;
        attend({query + row_head * key_width, key + i * length * key_width,
                value + i * length * value_width, positions.data(), key_width, value_width, length,
                hidden ? hidden + sentence * length : nullptr, static_cast<float>(shape.scale),
                scratch.data(), context + row_head * value_width},
               key_width, value_width);
        std::copy_n(scratch.data(), length, weights + (i * beam + k) * length);
      }
    }
  });
  return result;
}

at::Tensor self_attention_step_reference(const at::Tensor& queries, const at::Tensor& stored,
                                         const at::Tensor& origins, const StepShape& shape) {
  int64_t rows = origins.size(0), length = origins.size(1), hidden = queries.size(1);
  // [R, t, 2, A, D] -> two of [R, A, t, D]
  at::Tensor own = stored.index_select(0, origins.flatten())
                       .view({rows, length, 2, shape.heads, hidden / shape.heads});
  at::Tensor keys = own.select(2, 0).transpose(1, 2), values = own.select(2, 1).transpose(1, 2);
  at::Tensor query = queries.reshape({rows, shape.heads, 1, -1});
  at::Tensor weights = at::softmax(at::matmul(query, keys.transpose(2, 3)) * shape.scale, -1);
  return at::matmul(weights, values).view({rows, hidden});
}

SourceContext source_attention_step_reference(const at::Tensor& queries, const at::Tensor& keys,
                                              const at::Tensor& values, const at::Tensor& padding,
                                              const StepShape& shape) {
  int64_t batch = keys.size(0);
  at::Tensor query = queries.reshape({batch, -1, shape.heads, keys.size(3)}).transpose(1, 2);
  at::Tensor scores = at::matmul(query, keys.transpose(2, 3)) * shape.scale;
  at::Tensor weights = at::softmax(padding.defined() ? scores + padding : scores, -1);
  return {at::matmul(weights, values).transpose(1, 2).reshape({queries.size(0), -1}), weights};
}

}  // namespace heed::kernels
