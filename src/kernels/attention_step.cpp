#include "kernels/attention_step.h"

#include "kernels/torch.h"

#include <algorithm>

#include "kernels/products.h"
#include "kernels/simd.h"

namespace heed::kernels {
namespace {

using Lanes = float __attribute__((vector_size(kLanes * sizeof(float))));
using Index = int32_t __attribute__((vector_size(kLanes * sizeof(int32_t))));
constexpr float kNothing = -3.0e38f;

// sum += factor * the numbers at `at`. By reference: a vector as a result changes the ABI.
HEED_INLINE void add_product(float factor, const float* at, Lanes& sum) {
  Lanes lanes;
  __builtin_memcpy(&lanes, at, sizeof lanes);
  sum += factor * lanes;
}

#if __has_builtin(__builtin_shufflevector)
#define HEED_SHUFFLES 1
#else
#define HEED_SHUFFLES 0
#endif

HEED_INLINE float largest_lane(const Lanes& x) {
  float largest = x[0];
#if HEED_SHUFFLES
  Lanes half = __builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
  half = x > half ? x : half;
  Lanes other = __builtin_shufflevector(half, half, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3);
  half = half > other ? half : other;
  for (int i = 0; i < 4; ++i) largest = half[i] > largest ? half[i] : largest;
#else
  for (int i = 1; i < kLanes; ++i) largest = x[i] > largest ? x[i] : largest;
#endif
  return largest;
}

// Soft-max of scale * scores + bias, in place; 0 beyond `count`. In whole vectors throughout: with
// a few scores, a loop's rest costs more than the loop.
HEED_INLINE void soft_max(float* scores, int64_t count, float scale, const float* bias) {
  HEED_REORDERED
  constexpr Index kNumbers = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  for (int64_t j = 0; bias != nullptr && j < count; ++j) scores[j] += bias[j] / scale;
  Lanes largest = kNothing - Lanes{};
  for (int64_t first = 0; first < count; first += kLanes) {
    Lanes x;
    __builtin_memcpy(&x, scores + first, sizeof x);
    Index left = static_cast<int32_t>(count - first) - Index{};
    x = kNumbers < left ? x * scale : kNothing - Lanes{};
    largest = x > largest ? x : largest;
    __builtin_memcpy(scores + first, &x, sizeof x);
  }
  float maximum = largest_lane(largest), sum = 0;
  for (int64_t first = 0; first < count; first += kLanes) {
    for (int64_t j = first; j < first + kLanes; ++j) {
      float weight = exp_fast(scores[j] - maximum);
      scores[j] = weight;
      sum += weight;
    }
  }
  float inverse = 1.0f / sum;
  for (int64_t first = 0; first < count; first += kLanes) {
    for (int64_t j = first; j < first + kLanes; ++j) scores[j] *= inverse;
  }
}

// Where the pieces that a query looks at lie: in the rows named, or one after the other.
struct PieceRows {
  const float* first;
  const int32_t* rows;  // null: 0, 1, 2, ...
  int64_t stride, count;
  HEED_INLINE const float* operator[](int64_t j) const {
    return first + (rows ? rows[j] : j) * stride;
  }
};

// kVectors vectors of the values' sum by their weights, each in a register, added to the context.
template <int kVectors>
HEED_INLINE void add_average_block(const PieceRows& values, const float* weights, float* context) {
  Lanes sums[kVectors];
  HEED_UNROLLED
  for (int i = 0; i < kVectors; ++i) {
    __builtin_memcpy(&sums[i], context + i * kLanes, sizeof sums[i]);
  }
  for (int64_t j = 0; j < values.count; ++j) {
    const float* value = values[j];
    HEED_UNROLLED
    for (int i = 0; i < kVectors; ++i) add_product(weights[j], value + i * kLanes, sums[i]);
  }
  HEED_UNROLLED
  for (int i = 0; i < kVectors; ++i) {
    __builtin_memcpy(context + i * kLanes, &sums[i], sizeof sums[i]);
  }
}

HEED_INLINE void add_average(PieceRows values, int64_t width, const float* weights,
                             float* context) {
  int64_t left = width;
  for (; left >= 4 * kLanes; left -= 4 * kLanes) {
    add_average_block<4>(values, weights, context + width - left);
    values.first += 4 * kLanes;
  }
  for (; left >= 2 * kLanes; left -= 2 * kLanes) {
    add_average_block<2>(values, weights, context + width - left);
    values.first += 2 * kLanes;
  }
  for (; left >= kLanes; left -= kLanes) {
    add_average_block<1>(values, weights, context + width - left);
    values.first += kLanes;
  }
  for (; left > 0; --left, ++values.first) {
    float sum = context[width - left];
    for (int64_t j = 0; j < values.count; ++j) sum += weights[j] * *values[j];
    context[width - left] = sum;
  }
}

#if HEED_SHUFFLES
// The sums of the lanes of four vectors, each in four lanes: by halves, which is half the work of
// one after the other.
HEED_INLINE void sum_lanes(const Lanes (&x)[4], Lanes& sums) {
  Lanes ab =
      __builtin_shufflevector(x[0], x[1], 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23) +
      __builtin_shufflevector(x[0], x[1], 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30,
                              31);
  Lanes cd =
      __builtin_shufflevector(x[2], x[3], 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23) +
      __builtin_shufflevector(x[2], x[3], 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30,
                              31);
  sums =
      __builtin_shufflevector(ab, cd, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27) +
      __builtin_shufflevector(ab, cd, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
  sums += __builtin_shufflevector(sums, sums, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
  sums += __builtin_shufflevector(sums, sums, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14);
}

// Scores of the four keys from `first` on, the last key standing in for those that are not there.
HEED_INLINE void score_four(const float* query, const PieceRows& keys, int64_t first, int64_t width,
                            Lanes& sums) {
  const float* key[4];
  for (int i = 0; i < 4; ++i) key[i] = keys[first + i < keys.count ? first + i : keys.count - 1];
  Lanes products[4] = {};
  for (int64_t d = 0; d < width; d += kLanes) {
    Lanes part;
    __builtin_memcpy(&part, query + d, sizeof part);
    HEED_UNROLLED
    for (int i = 0; i < 4; ++i) {
      Lanes numbers;
      __builtin_memcpy(&numbers, key[i] + d, sizeof numbers);
      products[i] += part * numbers;
    }
  }
  sum_lanes(products, sums);
}

// Scores of at most kLanes keys, of a width that is whole vectors.
HEED_INLINE void score_vectors(const float* query, const PieceRows& keys, int64_t width,
                               float* scores) {
  Lanes fours[4] = {};
  HEED_UNROLLED
  for (int i = 0; i < 4; ++i) {
    if (4 * i < keys.count) score_four(query, keys, 4 * i, width, fours[i]);
  }
  Lanes low = __builtin_shufflevector(fours[0], fours[1], 0, 4, 8, 12, 16, 20, 24, 28, 0, 4, 8, 12,
                                      16, 20, 24, 28);
  Lanes high = __builtin_shufflevector(fours[2], fours[3], 0, 4, 8, 12, 16, 20, 24, 28, 0, 4, 8, 12,
                                       16, 20, 24, 28);
  Lanes all =
      __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
  __builtin_memcpy(scores, &all, sizeof all);
}
#endif

HEED_INLINE void score_rows(const float* query, const PieceRows& keys, int64_t width,
                            float* scores) {
  HEED_REORDERED
  for (int64_t j = 0; j < keys.count; ++j) {
    const float* key = keys[j];
    float product = 0;
    for (int64_t d = 0; d < width; ++d) product += query[d] * key[d];
    scores[j] = product;
  }
}

// Keys [width, room]: no sum within a vector.
HEED_INLINE void score_columns(const float* query, const float* keys, int64_t width, int64_t room,
                               float* scores) {
  for (int64_t j = 0; j < room; j += kLanes) {
    Lanes even = {}, odd = {};
    int64_t d = 0;
    for (; d + 2 <= width; d += 2) {
      add_product(query[d], keys + d * room + j, even);
      add_product(query[d + 1], keys + (d + 1) * room + j, odd);
    }
    if (d < width) add_product(query[d], keys + d * room + j, even);
    even += odd;
    __builtin_memcpy(scores + j, &even, sizeof even);
  }
}

// One query and its own pieces; `values` is where their values begin after their keys.
struct OwnRow {
  const float* query;
  PieceRows keys;
  int64_t hidden, width, values;
  float scale;
  float *scores, *context;  // scratch [A, in_lanes(count)]; [hidden]
};

HEED_INLINE void score_own(const float* query, const PieceRows& keys, int64_t width,
                           float* scores) {
#if HEED_SHUFFLES
  // A width known to the compiler needs no loop.
  if (width == 32) return score_vectors(query, keys, 32, scores);
  if (width % kLanes == 0) return score_vectors(query, keys, width, scores);
#endif
  score_rows(query, keys, width, scores);
}

// A piece is read from its beginning to its end, all heads of it, for the memory's sake: pieces of
// one hypothesis lie far from each other, at distances that share their place in a cache.
HEED_INLINE void own_row_loop(const OwnRow& r) {
  int64_t count = r.keys.count, room = in_lanes(count);
  auto pieces = [&](int64_t first, int64_t column) {
    return PieceRows{r.keys.first + column, r.keys.rows + first, r.keys.stride,
                     std::min<int64_t>(kLanes, count - first)};
  };
  for (int64_t first = 0; first < count; first += kLanes) {
    for (int64_t at = 0, head = 0; at < r.hidden; at += r.width, ++head) {
      score_own(r.query + at, pieces(first, at), r.width, r.scores + head * room + first);
    }
  }
  for (int64_t at = 0, head = 0; at < r.hidden; at += r.width, ++head) {
    soft_max(r.scores + head * room, count, r.scale, nullptr);
  }
  std::fill_n(r.context, r.hidden, 0.0f);
  for (int64_t first = 0; first < count; first += kLanes) {
    for (int64_t at = 0, head = 0; at < r.hidden; at += r.width, ++head) {
      add_average(pieces(first, r.values + at), r.width, r.scores + head * room + first,
                  r.context + at);
    }
  }
}

// The same of the source.
struct SourceHead {
  const float *query, *keys, *values, *bias;  // bias may be null
  int64_t length, key_width, value_width;
  float scale;
  float *scores, *context;
};

HEED_INLINE void source_head_loop(const SourceHead& h) {
  score_columns(h.query, h.keys, h.key_width, in_lanes(h.length), h.scores);
  soft_max(h.scores, h.length, h.scale, h.bias);
  std::fill_n(h.context, h.value_width, 0.0f);
  add_average({h.values, nullptr, h.value_width, h.length}, h.value_width, h.scores, h.context);
}

// Scratch of a thread, which keeps it from step to step: so many rows of scores.
float* scores_of(int64_t length, int64_t rows) {
  thread_local Floats scores;
  scores.resize(std::max<size_t>(scores.size(), rows * in_lanes(length)));
  return scores.data();
}

constexpr int64_t kGrainRows = 16;

}  // namespace

bool takes_steps(const at::Tensor& x) {
  return x.is_cpu() && x.scalar_type() == at::kFloat && !at::GradMode::is_enabled();
}

void attend_to_own(const OwnPieces& own, const StepShape& shape, float* context) {
  int64_t hidden = own.hidden;
  OwnRow one{};
  one.hidden = one.values = hidden;
  one.width = hidden / shape.heads;
  one.scale = static_cast<float>(shape.scale);
  one.scores = scores_of(own.length, shape.heads);
  for (int64_t row = 0; row < own.rows; ++row) {
    one.query = own.queries + row * own.query_stride;
    one.keys = {own.stored, own.origins + row * own.length, 2 * hidden, own.length};
    one.context = context + row * hidden;
    vectorised<own_row_loop>(one);
  }
}

void attend_to_source(const SourcePieces& source, const StepShape& shape, float* context,
                      float* weights) {
  int64_t length = source.length, key_width = source.key_width, value_width = source.value_width;
  float* scores = scores_of(length, 1);
  for (int64_t i = 0; i < source.batch * shape.heads; ++i) {
    int64_t row = i / shape.heads, head = i % shape.heads, sentence = source.sentences[row];
    int64_t place = sentence * shape.heads + head;
    for (int64_t k = 0; k < source.beam; ++k) {
      int64_t query = (row * source.beam + k) * shape.heads + head;
      vectorised<source_head_loop>(SourceHead{
          source.queries + query * key_width, source.keys + place * in_lanes(length) * key_width,
          source.values + place * length * value_width,
          source.padding ? source.padding + sentence * length : nullptr, length, key_width,
          value_width, static_cast<float>(shape.scale), scores, context + query * value_width});
      if (weights) std::copy_n(scores, length, weights + (i * source.beam + k) * length);
    }
  }
}

at::Tensor self_attention_step(const at::Tensor& queries, const at::Tensor& stored,
                               const at::Tensor& origins, const StepShape& shape) {
  int64_t hidden = queries.size(1), length = origins.size(1), stride = queries.stride(0);
  at::Tensor context = at::empty({queries.size(0), hidden}, stored.options());
  const auto* query = queries.const_data_ptr<float>();
  const auto* rows = origins.const_data_ptr<int32_t>();
  auto* out = context.mutable_data_ptr<float>();
  at::parallel_for(0, queries.size(0), kGrainRows, [&](int64_t begin, int64_t end) {
    attend_to_own({query + begin * stride, stride, stored.const_data_ptr<float>(),
                   rows + begin * length, end - begin, hidden, length},
                  shape, out + begin * hidden);
  });
  return context;
}

at::Tensor keys_for_steps(const at::Tensor& keys) {
  int64_t length = keys.size(2), width = keys.size(3), room = in_lanes(length);
  at::Tensor columns = at::zeros({keys.size(0), keys.size(1), width, room}, keys.options());
  at::Tensor rows = keys.stride(3) == 1 ? keys : keys.contiguous();
  for (int64_t i = 0; i < keys.size(0); ++i) {
    for (int64_t head = 0; head < keys.size(1); ++head) {
      const auto* from = rows.const_data_ptr<float>() + i * rows.stride(0) + head * rows.stride(1);
      auto* to = columns.mutable_data_ptr<float>() + (i * keys.size(1) + head) * width * room;
      transpose({from, rows.stride(2)}, {to, room}, length, width);
    }
  }
  return columns;
}

SourceContext source_attention_step(const at::Tensor& queries, const SourceMemory& memory,
                                    const StepShape& shape) {
  at::Tensor values = memory.values.contiguous(), q = queries.contiguous(),
             bias = memory.padding.defined() ? memory.padding.contiguous() : memory.padding;
  int64_t batch = memory.sentences.size(0), length = values.size(2), beam = q.size(0) / batch,
          key_width = memory.keys.size(2), value_width = values.size(3);
  SourceContext result{at::empty({q.size(0), shape.heads * value_width}, q.options()),
                       at::empty({batch, shape.heads, beam, length}, q.options())};
  SourcePieces all{q.const_data_ptr<float>(),
                   memory.keys.const_data_ptr<float>(),
                   values.const_data_ptr<float>(),
                   bias.defined() ? bias.const_data_ptr<float>() : nullptr,
                   memory.sentences.const_data_ptr<int32_t>(),
                   batch,
                   beam,
                   length,
                   key_width,
                   value_width};
  auto *context = result.context.mutable_data_ptr<float>(),
       *weights = result.weights.mutable_data_ptr<float>();
  int64_t heads = shape.heads;
  at::parallel_for(0, batch, kGrainRows, [&](int64_t begin, int64_t end) {
    SourcePieces part = all;
    part.batch = end - begin;
    part.queries += begin * beam * heads * key_width;
    part.sentences += begin;
    attend_to_source(part, shape, context + begin * beam * heads * value_width,
                     weights + begin * heads * beam * length);
  });
  return result;
}

}  // namespace heed::kernels
