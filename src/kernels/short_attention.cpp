#include "kernels/short_attention.h"

#include "kernels/torch.h"

#include <limits>
#include <optional>

#include "kernels/dropout.h"
#include "kernels/heads.h"
#include "kernels/mask.h"
#include "kernels/products.h"
#include "kernels/rows.h"
#include "kernels/soft_max.h"

namespace heed::kernels {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
// Up to here a head's tiles stay in the cache, and this costs no more than batched products and
// their copies (at most a fifth more, from 64 keys on in bfloat16), for each of whose shapes oneDNN
// would compile code.
constexpr int64_t kLongest = 256;

struct Sizes {
  int64_t batch, heads, queries, keys, width;  // B, A, T, S, D
  int64_t key_lanes() const { return in_lanes(keys); }
  int64_t width_lanes() const { return in_lanes(width); }
  int64_t weights() const { return queries * keys; }      // of a head
  int64_t kept() const { return queries * key_lanes(); }  // of a head
};

// One of query, key and value in a projection's rows [B, T, N H].
template <typename Number>
struct Projected {
  Number* data;    // of the first sentence's first head
  int64_t stride;  // of rows

  Number* head(const Sizes& sizes, int64_t sentence, int64_t length, int64_t index) const {
    return data + sentence * length * stride + index * sizes.width;
  }
};

template <typename Number>
struct Parts {
  Projected<Number> query, key, value;
};

bool is_self(const AttentionRows& rows) { return !rows.query.defined(); }

Sizes sizes_of(const AttentionRows& rows, int64_t heads) {
  int64_t width = rows.key_value.size(2) / (is_self(rows) ? 3 : 2);
  const at::Tensor& queries = is_self(rows) ? rows.key_value : rows.query;
  return {queries.size(0), heads, queries.size(1), rows.key_value.size(1), width / heads};
}

template <typename Number>
Parts<Number> parts_of(const AttentionRows& rows, Number* query, Number* key_value) {
  int64_t stride = rows.key_value.size(2);
  if (is_self(rows)) {
    int64_t hidden = stride / 3;
    return {{key_value, stride}, {key_value + hidden, stride}, {key_value + 2 * hidden, stride}};
  }
  int64_t hidden = stride / 2;
  return {{query, hidden}, {key_value, stride}, {key_value + hidden, stride}};
}

// [count, width] numbers, their rows `stride` apart, into a tile. The same of the next sentence,
// whose rows follow, are asked for ahead: pieces of rows are no pattern that memory foresees.
template <typename Number>
void load(const Number* x, int64_t stride, int64_t count, int64_t width, const Tile& tile) {
  constexpr int64_t kLine = 64 / sizeof(Number);
  for (int64_t i = count; i < 2 * count; ++i) {
    for (int64_t j = 0; j < width; j += kLine) __builtin_prefetch(x + i * stride + j);
  }
  widen(x, tile.data, {count, width, stride, tile.stride});
}

template <typename Number>
void store(const Tile& tile, int64_t count, int64_t width, Number* x, int64_t stride) {
  narrow(tile.data, x, {count, width, tile.stride, stride});
}

// A sentence's bias as rows [1 or T, S in lanes] with -inf behind the last key.
class BiasRows {
 public:
  BiasRows(const Sizes& sizes, const at::Tensor& bias)
      : rows_(bias.defined() ? bias.size(2) : 1),
        keys_(sizes.keys),
        stride_(sizes.key_lanes()),
        shared_(!bias.defined() || bias.size(0) == 1),
        bias_(bias.defined() ? bias.contiguous() : bias),
        values_(rows_ * stride_, -kInfinity) {
    if (!bias.defined()) std::fill_n(values_.begin(), keys_, 0.0f);
    if (bias.defined() && shared_) read_sentence(0);
  }

  void begin_sentence(int64_t sentence) {
    if (!shared_) read_sentence(sentence);
  }
  const float* data() const { return values_.data(); }
  int64_t row_stride() const { return rows_ == 1 ? 0 : stride_; }

 private:
  void read_sentence(int64_t sentence) {
    with_number_of(bias_, [&](auto number) {
      const auto* from = read<decltype(number)>(bias_) + sentence * rows_ * keys_;
      load(from, keys_, rows_, keys_, {values_.data(), stride_});
    });
  }

  int64_t rows_, keys_, stride_;
  bool shared_;
  at::Tensor bias_;
  Floats values_;
};

// Soft-max of scale * x + bias over rows of `size` numbers, in place.
HEED_INLINE void softmax_loop(float* x, int64_t rows, int64_t size, float scale, const float* bias,
                              int64_t bias_stride) {
  HEED_REORDERED
  for (int64_t row = 0; row < rows; ++row) {
    float* __restrict values = x + row * size;
    const float* __restrict added = bias + row * bias_stride;
    float maximum = -kInfinity;
    for (int64_t i = 0; i < size; ++i) {
      values[i] = values[i] * scale + added[i];
      maximum = values[i] > maximum ? values[i] : maximum;
    }
    scale_by(1.0f / exponentiate(values, size, maximum), values, size);
  }
}

// What a forward pass keeps of weights [rows, size]: below 0 what is dropped. The mask's rows are
// `keys` apart; what it says behind a row's last key falls on weights of 0.
HEED_INLINE void keep_loop(const float* weights, const float* factors, float* kept, int64_t rows,
                           int64_t size, int64_t keys) {
  for (int64_t row = 0; row < rows; ++row) {
    const float* __restrict from = weights + row * size;
    const float* __restrict factor = factors + row * keys;
    float* __restrict to = kept + row * size;
    for (int64_t i = 0; i < size; ++i) to[i] = factor[i] == 0.0f ? -from[i] : from[i];
  }
}

HEED_INLINE void drop_loop(float* weights, const float* factors, int64_t rows, int64_t size,
                           int64_t keys) {
  for (int64_t row = 0; row < rows; ++row) {
    float* __restrict values = weights + row * size;
    const float* __restrict factor = factors + row * keys;
    for (int64_t i = 0; i < size; ++i) values[i] *= factor[i];
  }
}

// kept -> dropped weights; changes, the gradient of those -> that of the scores before scaling:
// scale * w (g - sum(g w)), with g = the gradient of w. What was not dropped was multiplied by
// `factor`.
HEED_INLINE void softmax_backward_loop(const float* kept, float* dropped, float* changes,
                                       int64_t rows, int64_t size, float factor, float scale) {
  HEED_REORDERED
  for (int64_t row = 0; row < rows; ++row) {
    const float* __restrict weights = kept + row * size;
    float* __restrict to = dropped + row * size;
    float* __restrict change = changes + row * size;
    float sum = 0;
    HEED_IN_LANES
    for (int64_t i = 0; i < size; ++i) {
      float by_mask = weights[i] > 0.0f ? factor : 0.0f;
      to[i] = weights[i] * by_mask;
      change[i] *= by_mask;
      sum += change[i] * __builtin_fabsf(weights[i]);
    }
    for (int64_t i = 0; i < size; ++i) {
      change[i] = scale * __builtin_fabsf(weights[i]) * (change[i] - sum);
    }
  }
}

// A thread's tiles. What lies behind the last row or column of a matrix is 0 and stays it.
class Tiles {
 public:
  explicit Tiles(const Sizes& sizes) : sizes_(sizes) {}
  Tile make(int64_t rows, int64_t lanes) {
    storage_.emplace_back(rows * lanes, 0.0f);
    return {storage_.back().data(), lanes};
  }
  Tile of_queries() { return make(sizes_.queries, sizes_.width_lanes()); }
  Tile of_keys() { return make(sizes_.keys, sizes_.width_lanes()); }
  Tile of_keys_transposed() { return make(sizes_.width, sizes_.key_lanes()); }
  Tile of_weights() { return make(sizes_.queries, sizes_.key_lanes()); }

 private:
  Sizes sizes_;
  std::vector<Floats> storage_;
};

LeftTile rows_of(const Tile& tile) { return {tile.data, tile.stride, 1}; }
LeftTile columns_of(const Tile& tile) { return {tile.data, 1, tile.stride}; }

// What a forward pass works with.
template <typename Number>
struct ForwardPass {
  const Sizes& sizes;
  Parts<const Number> in;
  Projected<Number> context;
  const AttentionOptions& options;
  DropoutMask mask;
  float* kept;  // [B, A, T, S in lanes] or null

  // Sentences begin .. end - 1.
  void run(const at::Tensor& bias, int64_t begin, int64_t end) const {
    Tiles tiles(sizes);
    Tile query = tiles.of_queries(), key = tiles.of_keys_transposed(), value = tiles.of_keys();
    Tile rows = tiles.of_keys(), weights = tiles.of_weights(), out = tiles.of_queries();
    BiasRows biases(sizes, bias);
    Floats factors(sizes.weights() + kLanes, 1.0f);
    int64_t queries = sizes.queries, keys = sizes.keys, width = sizes.width;
    for (int64_t sentence = begin; sentence < end; ++sentence) {
      biases.begin_sentence(sentence);
      for (int64_t head = 0; head < sizes.heads; ++head) {
        load(in.query.head(sizes, sentence, queries, head), in.query.stride, queries, width, query);
        load(in.key.head(sizes, sentence, keys, head), in.key.stride, keys, width, rows);
        transpose(rows, key, keys, width);
        load(in.value.head(sizes, sentence, keys, head), in.value.stride, keys, width, value);
        multiply(rows_of(query), key, weights, {queries, width, weights.stride});
        vectorised<softmax_loop>(weights.data, queries, weights.stride,
                                 static_cast<float>(options.scale), biases.data(),
                                 biases.row_stride());
        drop(weights, sentence * sizes.heads + head, factors.data());
        multiply(rows_of(weights), value, out, {queries, keys, out.stride});
        store(out, queries, width, context.head(sizes, sentence, queries, head), context.stride);
      }
    }
  }

  // Keeps and drops the weights of a head, the item-th of all.
  void drop(const Tile& weights, int64_t item, float* factors) const {
    int64_t first = item * sizes.weights();
    if (mask.drops()) fill_mask(mask, first, first + sizes.weights(), factors);
    if (kept != nullptr) {
      vectorised<keep_loop>(weights.data, factors, kept + item * sizes.kept(), sizes.queries,
                            weights.stride, sizes.keys);
    }
    if (mask.drops()) {
      vectorised<drop_loop>(weights.data, factors, sizes.queries, weights.stride, sizes.keys);
    }
  }
};

template <typename Number>
struct BackwardPass {
  const Sizes& sizes;
  Parts<const Number> in;
  Projected<const Number> context_change;
  Parts<Number> out;  // the gradients of `in`
  const float* kept;
  float scale, factor;  // of the scores; of what was not dropped

  void run(int64_t begin, int64_t end) const {
    Tiles tiles(sizes);
    Tile query = tiles.of_queries(), key = tiles.of_keys(), value = tiles.of_keys_transposed();
    Tile change = tiles.of_queries(), dropped = tiles.of_weights(), scores = tiles.of_weights();
    Tile by_query = tiles.of_queries(), by_key = tiles.of_keys();
    int64_t queries = sizes.queries, keys = sizes.keys, width = sizes.width;
    ProductSizes of_keys{keys, queries, by_key.stride};
    for (int64_t item = begin * sizes.heads; item < end * sizes.heads; ++item) {
      int64_t sentence = item / sizes.heads, head = item % sizes.heads;
      auto at = [&](const auto& part, int64_t length) {
        return part.head(sizes, sentence, length, head);
      };
      load(at(in.query, queries), in.query.stride, queries, width, query);
      load(at(in.key, keys), in.key.stride, keys, width, key);
      load(at(in.value, keys), in.value.stride, keys, width, by_key);
      transpose(by_key, value, keys, width);
      load(at(context_change, queries), context_change.stride, queries, width, change);
      multiply(rows_of(change), value, scores, {queries, width, scores.stride});
      vectorised<softmax_backward_loop>(kept + item * sizes.kept(), dropped.data, scores.data,
                                        queries, scores.stride, factor, scale);
      multiply(columns_of(dropped), change, by_key, of_keys);
      store(by_key, keys, width, at(out.value, keys), out.value.stride);
      multiply(columns_of(scores), query, by_key, of_keys);
      store(by_key, keys, width, at(out.key, keys), out.key.stride);
      multiply(rows_of(scores), key, by_query, {queries, keys, by_query.stride});
      store(by_query, queries, width, at(out.query, queries), out.query.stride);
    }
  }
};

template <typename Number>
Parts<const Number> inputs_of(const AttentionRows& rows) {
  const Number* query = is_self(rows) ? nullptr : read<Number>(rows.query);
  return parts_of<const Number>(rows, query, read<Number>(rows.key_value));
}

// kept: float32 [B, A, T, S in lanes] to be filled, or undefined.
at::Tensor attention_forward(const AttentionRows& rows, const at::Tensor& bias,
                             const AttentionOptions& options, const DropoutMask& mask,
                             const at::Tensor& kept) {
  Sizes sizes = sizes_of(rows, options.heads);
  int64_t hidden = sizes.heads * sizes.width;
  at::Tensor context = at::empty({sizes.batch, sizes.queries, hidden}, rows.key_value.options());
  with_number_of(context, [&](auto number) {
    using Number = decltype(number);
    ForwardPass<Number> pass{sizes,
                             inputs_of<Number>(rows),
                             {write<Number>(context), hidden},
                             options,
                             mask,
                             kept.defined() ? kept.mutable_data_ptr<float>() : nullptr};
    at::parallel_for(0, sizes.batch, 1,
                     [&](int64_t begin, int64_t end) { pass.run(bias, begin, end); });
  });
  return context;
}

class ShortAttention : public torch::autograd::Function<ShortAttention> {
 public:
  // Autograd takes no undefined tensor, so those that may be are optional.
  using MaybeTensor = std::optional<at::Tensor>;
  static MaybeTensor maybe(const at::Tensor& x) {
    return x.defined() ? MaybeTensor(x) : std::nullopt;
  }

  static at::Tensor forward(torch::autograd::AutogradContext* context, const MaybeTensor& query,
                            const at::Tensor& key_value, const MaybeTensor& bias, int64_t heads,
                            double scale, double dropout) {
    AttentionRows rows{query.value_or(at::Tensor()), key_value};
    Sizes sizes = sizes_of(rows, heads);
    DropoutMask mask = next_mask(dropout);
    at::Tensor kept = at::empty({sizes.batch, heads, sizes.queries, sizes.key_lanes()}, at::kFloat);
    context->save_for_backward({rows.query, key_value, kept});
    context->saved_data["heads"] = heads;
    context->saved_data["scale"] = scale;
    context->saved_data["factor"] = static_cast<double>(mask.scale);
    return attention_forward(rows, bias.value_or(at::Tensor()), {heads, scale, dropout}, mask,
                             kept);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    auto saved = context->get_saved_variables();
    AttentionRows rows{saved[0], saved[1]};
    Sizes sizes = sizes_of(rows, context->saved_data["heads"].toInt());
    AttentionRows out{is_self(rows) ? at::Tensor() : at::empty_like(rows.query),
                      at::empty_like(rows.key_value)};
    at::Tensor change = gradients[0].contiguous();
    with_number_of(change, [&](auto number) {
      using Number = decltype(number);
      BackwardPass<Number> pass{
          sizes,
          inputs_of<Number>(rows),
          {read<Number>(change), change.size(2)},
          parts_of<Number>(out, is_self(rows) ? nullptr : write<Number>(out.query),
                           write<Number>(out.key_value)),
          saved[2].const_data_ptr<float>(),
          static_cast<float>(context->saved_data["scale"].toDouble()),
          static_cast<float>(context->saved_data["factor"].toDouble())};
      at::parallel_for(0, sizes.batch, 1,
                       [&](int64_t begin, int64_t end) { pass.run(begin, end); });
    });
    return {out.query, out.key_value, {}, {}, {}, {}};
  }
};

}  // namespace

at::Tensor attention(const AttentionRows& rows, const at::Tensor& bias,
                     const AttentionOptions& options) {
  Sizes sizes = sizes_of(rows, options.heads);
  bool same = !bias.defined() || bias.scalar_type() == rows.key_value.scalar_type();
  bool is_short = std::max(sizes.queries, sizes.keys) <= kLongest;
  if (!has_kernel(rows.key_value) || !same || !is_short) {
    return attention_reference(rows, bias, options);
  }
  AttentionRows x{is_self(rows) ? at::Tensor() : rows.query.contiguous(),
                  rows.key_value.contiguous()};
  bool want_gradient = at::GradMode::is_enabled() &&
                       (x.key_value.requires_grad() || (!is_self(x) && x.query.requires_grad()));
  if (!want_gradient) return attention_forward(x, bias, options, next_mask(options.dropout), {});
  return ShortAttention::apply(ShortAttention::maybe(x.query), x.key_value,
                               ShortAttention::maybe(bias), options.heads, options.scale,
                               options.dropout);
}

at::Tensor attention_reference(const AttentionRows& rows, const at::Tensor& bias,
                               const AttentionOptions& options) {
  auto parts = rows.key_value.chunk(is_self(rows) ? 3 : 2, -1);
  if (!is_self(rows)) parts.insert(parts.begin(), rows.query);
  for (at::Tensor& part : parts) part = split_heads(part, options.heads);
  at::Tensor scores = at::bmm(parts[0], parts[1].transpose(1, 2)).mul(options.scale);
  if (bias.defined()) {
    int64_t queries = scores.size(1), keys = scores.size(2);
    scores = (scores.view({-1, options.heads, queries, keys}) + bias).flatten(0, 1);
  }
  at::Tensor weights = dropout(at::softmax(scores, -1), options.dropout);
  return merge_heads(at::bmm(weights, parts[2]), options.heads);
}

}  // namespace heed::kernels
