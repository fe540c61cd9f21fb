#include "model/positions.h"

#include <cmath>

#include "kernels/embedding.h"

namespace heed {
namespace {

// 1 / 10000^(2i / size) for i = 0 .. size / 2 - 1, in float64.
Tensor frequencies(int64_t size) {
  Tensor exponent = torch::arange(0, size, 2, torch::kFloat64) / static_cast<double>(size);
  return torch::exp(-std::log(10000.0) * exponent);
}

// Tensor2Tensor's: 1 / 10000^(i / (size / 2 - 1)), the last of which is 1 / 10000 itself.
Tensor frequencies_to_the_end(int64_t size) {
  Tensor exponent = torch::arange(size / 2, torch::kFloat64) / static_cast<double>(size / 2 - 1);
  return torch::exp(-std::log(10000.0) * exponent);
}

}  // namespace

// Vaswani et al., 2017, section 3.5: sin and cos of position / 10000^(2i / H).
Tensor sinusoids(const ModelConfig& config, int64_t length) {
  Tensor rates = config.sinusoids == "tensor2tensor" ? frequencies_to_the_end(config.hidden_size)
                                                     : frequencies(config.hidden_size);
  Tensor angle = torch::arange(length, torch::kFloat64).unsqueeze(1) * rates;
  Tensor table = config.sinusoids == "interleaved"
                     ? torch::stack({angle.sin(), angle.cos()}, -1).flatten(1)
                     : torch::cat({angle.sin(), angle.cos()}, 1);
  return table.to(torch::kFloat32);
}

// The end symbol and, in the decoder, the begin symbol take a place too; decoding may go on to
// twice the source's length and 10 more.
int64_t learned_positions(int64_t max_length) { return 2 * max_length + 12; }

PositionedEmbedding::PositionedEmbedding(const ModelConfig& config,
                                         std::shared_ptr<Embedding> table, int64_t max_length)
    : config_(config),
      table_(std::move(table)),
      scale_(config.scale_embeddings ? std::sqrt(static_cast<double>(config.hidden_size)) : 1),
      dropout_(embedding_dropout(config)),
      absolute_(config.positions == "sinusoidal" || config.positions == "learned") {
  if (config.embedding_norm) norm_ = register_module("norm", std::make_shared<LayerNorm>(config));
  if (config.positions != "learned") return;
  double deviation = 1.0 / std::sqrt(static_cast<double>(config.hidden_size));
  learned_ =
      make_parameter(*this, "positions", {learned_positions(max_length), config.hidden_size},
                     [&](Tensor& table) { table.copy_(torch::randn(table.sizes()) * deviation); });
}

Tensor PositionedEmbedding::positions(int64_t first, int64_t length) const {
  const Tensor& weight = table_->weight;
  if (learned_.defined()) {
    // Beyond the last learned position its vector is used again.
    Tensor index =
        torch::arange(first, first + length, torch::dtype(torch::kInt64).device(weight.device()));
    return torch::embedding(learned_, index.clamp_max(learned_.size(0) - 1));
  }
  std::lock_guard lock(growing_);
  // Made anew for another number type: what has been rounded to bfloat16 stays rounded.
  bool fits = sinusoidal_.defined() && sinusoidal_.size(0) >= first + length &&
              sinusoidal_.dtype() == weight.dtype() && sinusoidal_.device() == weight.device();
  if (!fits) {
    c10::InferenceMode off(false);  // training uses the table too
    int64_t rows = std::max<int64_t>(256, 2 * (first + length));
    sinusoidal_ = sinusoids(config_, rows).to(weight.options());
  }
  return sinusoidal_.slice(0, first, first + length);
}

Tensor PositionedEmbedding::operator()(const Tensor& ids, int64_t first) const {
  Tensor moved = absolute_ ? positions(first, ids.size(1)) : Tensor();
  double p = is_training() ? dropout_ : 0;
  if (!norm_) return kernels::embed(table_->weight, ids, moved, {scale_, p});
  return dropout((*norm_)(kernels::embed(table_->weight, ids, moved, {scale_, 0})), p, *this);
}

Tensor PositionedEmbedding::nothing(int64_t rows) const {
  Tensor zeros = torch::zeros({rows, 1, table_->weight.size(1)}, table_->weight.options());
  Tensor x = absolute_ ? zeros + positions(0, 1) : zeros;
  return dropout(norm_ ? (*norm_)(x) : x, dropout_, *this);
}

Tensor rotate_positions(const Tensor& x, int64_t first) {
  Tensor position = torch::arange(first, first + x.size(1), torch::kFloat64).unsqueeze(1);
  Tensor angle = (position * frequencies(x.size(2))).to(x.device());  // [T, D / 2]
  Tensor cos = angle.cos().to(x.dtype()), sin = angle.sin().to(x.dtype());
  auto halves = x.chunk(2, -1);
  return torch::cat({halves[0] * cos - halves[1] * sin, halves[1] * cos + halves[0] * sin}, -1);
}

RelativePositions::RelativePositions(int64_t reach, int64_t width) : reach_(reach) {
  keys_ = make_matrix(*this, "keys", 2 * reach + 1, width);
  values_ = make_matrix(*this, "values", 2 * reach + 1, width);
}

Tensor RelativePositions::buckets(int64_t queries, int64_t keys) const {
  Tensor key = torch::arange(keys, torch::dtype(torch::kInt64).device(keys_.device()));
  Tensor query = key.slice(0, keys - queries).unsqueeze(1);
  return (key - query).clamp(-reach_, reach_) + reach_;
}

Tensor RelativePositions::scores(const Tensor& queries, const Tensor& buckets) const {
  Tensor by_bucket = torch::matmul(queries, keys_.t());  // [N, T, 2 * reach + 1]
  return by_bucket.gather(2, buckets.unsqueeze(0).expand({queries.size(0), -1, -1}));
}

Tensor RelativePositions::context(const Tensor& weights, const Tensor& buckets) const {
  Tensor by_bucket =
      torch::zeros({weights.size(0), weights.size(1), values_.size(0)}, weights.options())
          .scatter_add(2, buckets.unsqueeze(0).expand_as(weights), weights);
  return torch::matmul(by_bucket, values_);
}

}  // namespace heed
