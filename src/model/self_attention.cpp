#include "model/self_attention.h"

#include "kernels/torch.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>

#include "kernels/attention_step.h"
#include "kernels/heads.h"
#include "kernels/linear_attention.h"
#include "kernels/short_attention.h"

namespace heed {
namespace {

// Every piece against every piece: scaled dot products (Vaswani et al., 2017, section 3.2.1), in
// all of the sentence or in a window of pieces on each side (Luong et al., 2015, section 3.2; as
// self-attention Beltagy et al., 2020, arXiv 2004.05150, section 3.1).
class ScoredSelfAttention : public SelfAttention {
 public:
  ScoredSelfAttention(const ModelConfig& config, Sight sight)
      : SelfAttention(config),
        sight_(sight),
        window_(config.self_attention == "local" ? config.self_attention_window : 0),
        scale_(1.0 / std::sqrt(static_cast<double>(width_))),
        dropout_(config.attention_dropout),
        rotary_(config.positions == "rotary"),
        plain_(config.positions != "relative" && config.self_attention_weights == "softmax"),
        weights_(make_attention_weights(*WeightsKind::find(config.self_attention_weights.name()),
                                        config)) {
    if (config.positions != "relative") return;
    relative_ = register_module("relative",
                                std::make_shared<RelativePositions>(config.relative_reach, width_));
  }

  SelfMask mask(const Tensor& padding, int64_t length,
                const torch::TensorOptions& options) const override {
    SelfMask mask;
    if (padding.defined()) mask.bias = padding.unsqueeze(1);
    if (sight_ == Sight::kAll && window_ == 0) return mask;
    Tensor position = torch::arange(length, options.dtype(torch::kInt64));
    Tensor distance = position.unsqueeze(1) - position;  // how far back a key stands
    Tensor hidden = sight_ == Sight::kBefore ? distance < 0 : distance > length;
    if (window_ > 0) hidden = hidden.logical_or(distance.abs() > window_);
    Tensor band = torch::zeros({1, 1, length, length}, options)
                      .masked_fill_(hidden, -std::numeric_limits<double>::infinity());
    if (!mask.bias.defined()) return {band, {}};
    mask.bias = mask.bias + band;
    // Padding far from the last piece would see nothing at all, and a soft-max of nothing is NaN.
    mask.bias.diagonal(0, 2, 3).zero_();
    return mask;
  }

  Tensor forward(const Tensor& x, const SelfMask& mask, Tensor* weights) const override {
    if (plain_ && !rotary_ && weights == nullptr) {
      double p = is_training() ? dropout_ : 0;
      return output_rows(kernels::attention({{}, project_rows(x)}, mask.bias, {heads_, scale_, p}));
    }
    auto parts = project(x);
    if (rotary_) {
      parts[0] = rotate_positions(parts[0], 0);
      parts[1] = rotate_positions(parts[1], 0);
    }
    return attend(parts[0], parts[1], parts[2], mask.bias, weights);
  }

  // A window's cache sees no further back than it.
  void extend(SelfCache& cache) const override {
    const Tensor& all = cache.origins;
    int64_t before = cache.stored.size(0), rows = all.size(0);
    Tensor next = torch::arange(before, before + rows, all.options()).unsqueeze(1);
    cache.origins =
        torch::cat({window_ > 0 && all.size(1) > window_ ? all.slice(1, -window_) : all, next}, 1);
  }

  Tensor step(const Tensor& x, int64_t position, SelfCache& cache) const override {
    int64_t rows = x.size(0), hidden = x.size(2);
    Tensor projected = (*query_key_value_)(x).view({rows, 3 * hidden});
    Tensor query = projected.narrow(1, 0, hidden);
    if (rotary_) {
      query = rotated(query, position);
      projected.narrow(1, hidden, hidden)
          .copy_(rotated(projected.narrow(1, hidden, hidden), position));
    }
    int64_t first = reserve(cache, rows);
    cache.stored.narrow(0, first, rows).copy_(projected.narrow(1, hidden, 2 * hidden));
    if (plain_ && kernels::takes_steps(query)) {
      Tensor context =
          kernels::self_attention_step(query, cache.stored, cache.origins, {heads_, scale_});
      return (*output_)(context.unsqueeze(1));
    }
    // [R, t, 2, A, D] -> two of [R * A, t, D]
    Tensor own = cache.stored.index_select(0, cache.origins.flatten())
                     .view({rows, cache.origins.size(1), 2, heads_, width_});
    auto by_head = [&](int64_t part) {
      return own.select(2, part).transpose(1, 2).reshape({rows * heads_, -1, width_});
    };
    return attend(query.reshape({rows * heads_, 1, width_}), by_head(0), by_head(1), {}, nullptr);
  }

  SelfCache empty_cache(int64_t rows) const override {
    return {torch::empty({0, 2 * heads_ * width_}, options()),
            torch::empty({rows, 0}, options().dtype(torch::kInt32)),
            {},
            {}};
  }

  std::optional<kernels::StepShape> plain_shape() const override {
    if (!plain_ || rotary_) return {};
    return kernels::StepShape{heads_, scale_};
  }

 private:
  // x [R, H] at one position.
  Tensor rotated(const Tensor& x, int64_t position) const {
    return rotate_positions(x.reshape({-1, 1, width_}), position).view(x.sizes());
  }

  // queries [B * A, T, D], keys and values [B * A, S, D]
  Tensor attend(const Tensor& queries, const Tensor& keys, const Tensor& values, const Tensor& bias,
                Tensor* weights_out) const {
    int64_t length = queries.size(1);
    Tensor scores = torch::bmm(queries, keys.transpose(1, 2));
    Tensor buckets;
    if (relative_) {
      buckets = relative_->buckets(length, keys.size(1));
      scores = scores + relative_->scores(queries, buckets);
    }
    scores = scores.mul(scale_);
    if (bias.defined()) {
      scores = (scores.view({-1, heads_, length, keys.size(1)}) + bias).flatten(0, 1);
    }
    Phase phase = is_training() ? Phase::kTraining : Phase::kEvaluation;
    Tensor weights = (*weights_)(scores, phase).weights;
    if (weights_out) *weights_out = weights.view({-1, heads_, length, keys.size(1)});
    weights = dropout(weights, dropout_, *this);
    Tensor context = torch::bmm(weights, values);
    if (relative_) context = context + relative_->context(weights, buckets);
    return output(context);
  }

  Sight sight_;
  int64_t window_;  // 0: all
  double scale_, dropout_;
  bool rotary_;
  bool plain_;  // a soft-max of products alone, which kernels of their own do
  std::unique_ptr<AttentionWeights> weights_;
  std::shared_ptr<RelativePositions> relative_;
};

// phi(q)^T phi(k) in place of exp(q^T k), with phi(x) = elu(x) + 1: the sums over keys are then one
// matrix [D, D + 1] (the values, and ones for the normaliser), which a decoder carries from step to
// step: time and memory of a step do not depend on the length (Katharopoulos et al., 2020, arXiv
// 2006.16236, equations 5 to 20).
class LinearSelfAttention : public SelfAttention {
 public:
  LinearSelfAttention(const ModelConfig& config, Sight sight)
      : SelfAttention(config), sight_(sight) {}

  SelfMask mask(const Tensor& padding, int64_t,
                const torch::TensorOptions& options) const override {
    // A decoder's padding comes last: no real piece looks at it.
    if (!padding.defined() || sight_ == Sight::kBefore) return {};
    return {{}, (padding == 0).to(options.dtype()).view({-1, 1, padding.size(2), 1})};
  }

  Tensor forward(const Tensor& x, const SelfMask& mask, Tensor* weights) const override {
    auto parts = project(x);
    Tensor queries = kernels::linear_feature(parts[0]), keys = kernels::linear_feature(parts[1]);
    if (mask.real.defined()) {
      keys = (keys.view({-1, heads_, keys.size(1), width_}) * mask.real).flatten(0, 1);
    }
    if (weights) *weights = explicit_weights(queries, keys);
    Tensor values = kernels::with_ones(parts[2]);
    Tensor sums = sight_ == Sight::kAll
                      ? torch::bmm(queries, torch::bmm(keys.transpose(1, 2), values))
                      : sums_before(queries, keys, values);
    return output(normalised(sums));
  }

  void extend(SelfCache&) const override {}

  Tensor step(const Tensor& x, int64_t, SelfCache& cache) const override {
    auto [context, sums] =
        kernels::linear_attention_step(project_rows(x).squeeze(1), cache.sums, cache.parents);
    cache.sums = sums;
    cache.parents = Tensor();
    return output_rows(context.unsqueeze(1));
  }

  std::optional<kernels::StepShape> plain_shape() const override {
    return kernels::StepShape{heads_, 1};
  }

  // In float32: what is added at each of many steps would drown in bfloat16's rounding.
  SelfCache empty_cache(int64_t rows) const override {
    auto wide = options().dtype(torch::kFloat32);
    return {{}, {}, torch::zeros({rows, heads_, width_, width_ + 1}, wide), {}};
  }

 private:
  // [N, T, D + 1] -> [N, T, D]
  Tensor normalised(const Tensor& sums) const {
    return sums.slice(2, 0, width_) / sums.slice(2, width_);
  }

  // Causal sums in chunks of pieces: products inside of a chunk, a running state between them.
  static Tensor sums_before(const Tensor& queries, const Tensor& keys, const Tensor& values) {
    constexpr int64_t kChunk = 64;
    std::vector<Tensor> out;
    Tensor state;  // [N, D, D + 1] float32
    for (int64_t first = 0; first < queries.size(1); first += kChunk) {
      Tensor query = queries.slice(1, first, first + kChunk);
      Tensor key = keys.slice(1, first, first + kChunk);
      Tensor value = values.slice(1, first, first + kChunk);
      Tensor sum = torch::bmm(torch::bmm(query, key.transpose(1, 2)).tril(), value);
      if (state.defined()) sum = sum + torch::bmm(query, state.to(query.dtype()));
      out.push_back(sum);
      if (first + kChunk >= queries.size(1)) break;
      Tensor added = torch::bmm(key.transpose(1, 2), value).to(torch::kFloat32);
      state = state.defined() ? state + added : added;
    }
    return torch::cat(out, 1);
  }

  Tensor explicit_weights(const Tensor& queries, const Tensor& keys) const {
    Tensor products = torch::bmm(queries, keys.transpose(1, 2));
    if (sight_ == Sight::kBefore) products = products.tril();
    Tensor weights = products / products.sum(-1, true);
    return weights.view({-1, heads_, weights.size(1), weights.size(2)});
  }

  Sight sight_;
};

using Maker = std::function<std::shared_ptr<SelfAttention>(const ModelConfig&, Sight)>;

template <typename Kind>
std::shared_ptr<SelfAttention> make(const ModelConfig& config, Sight sight) {
  return std::make_shared<Kind>(config, sight);
}

// The kinds of model.self_attention.
const std::map<SelfAttentionKind, Maker>& self_attention_table() {
  static const std::map<SelfAttentionKind, Maker> table = {
      {SelfAttentionKind("full"), make<ScoredSelfAttention>},
      {SelfAttentionKind("local"), make<ScoredSelfAttention>},
      {SelfAttentionKind("linear"), make<LinearSelfAttention>},
  };
  return table;
}

}  // namespace

SelfAttention::SelfAttention(const ModelConfig& config)
    : heads_(config.heads),
      width_(config.hidden_size / config.heads),
      query_key_value_(register_module(
          "query_key_value", std::make_shared<Linear>(config.hidden_size, 3 * config.hidden_size))),
      output_(register_module("output",
                              std::make_shared<Linear>(config.hidden_size, config.hidden_size))) {}

// What is stored grows by doubling.
int64_t SelfAttention::reserve(SelfCache& cache, int64_t rows) {
  Tensor& stored = cache.stored;
  int64_t before = stored.size(0), width = stored.size(1);
  auto room = static_cast<int64_t>(stored.storage().nbytes() / stored.element_size()) / width;
  if (room < before + rows) {
    constexpr int64_t kFirstSteps = 24;  // most sentences need no more
    Tensor larger =
        torch::empty({std::max(2 * before, before + kFirstSteps * rows), width}, stored.options());
    larger.narrow(0, 0, before).copy_(stored);
    stored = larger;
  }
  stored = stored.as_strided({before + rows, width}, {width, 1});
  return before;
}

std::vector<Tensor> SelfAttention::project(const Tensor& x) const {
  auto parts = project_rows(x).chunk(3, -1);
  for (Tensor& part : parts) part = split_heads(part, heads_);
  return parts;
}

Tensor SelfAttention::output(const Tensor& context) const {
  return output_rows(merge_heads(context, heads_));
}

std::shared_ptr<SelfAttention> make_self_attention(const ModelConfig& config, Sight sight) {
  return self_attention_table().at(config.self_attention)(config, sight);
}

}  // namespace heed
