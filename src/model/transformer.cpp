#include "model/transformer.h"

#include <cmath>
#include <limits>

#include "util/error.h"

namespace heed {
namespace {

// sin and cos of position / 10000^(2i / H), interleaved (Vaswani et al., 2017, section 3.5).
Tensor sinusoids(int64_t length, int64_t hidden) {
  Tensor position = torch::arange(length, torch::kFloat64).unsqueeze(1);
  Tensor exponent = torch::arange(0, hidden, 2, torch::kFloat64) / static_cast<double>(hidden);
  Tensor angle = position * torch::exp(-std::log(10000.0) * exponent);  // [length, H / 2]
  return torch::stack({angle.sin(), angle.cos()}, -1).flatten(1).to(torch::kFloat32);
}

// [1, 1, T, T]: 0 on and below the diagonal, -inf above.
Tensor causal_bias(int64_t length, const torch::TensorOptions& options) {
  double minus_infinity = -std::numeric_limits<double>::infinity();
  return torch::full({1, 1, length, length}, minus_infinity, options).triu(1);
}

// A residual sublayer: x + dropout(f(norm(x))), or norm(x + dropout(f(x))).
struct Residual {
  bool pre_norm;
  double dropout_rate;
  const torch::nn::Module& module;

  template <typename Function>
  Tensor operator()(const Tensor& x, const LayerNorm& norm, Function&& sublayer) const {
    if (pre_norm) return x + dropout(sublayer(norm(x)), dropout_rate, module);
    return norm(x + dropout(sublayer(x), dropout_rate, module));
  }
};

}  // namespace

PositionedEmbedding::PositionedEmbedding(const ModelConfig& config,
                                         std::shared_ptr<Embedding> table, int64_t max_length)
    : table_(std::move(table)),
      scale_(std::sqrt(static_cast<double>(config.hidden_size))),
      dropout_(embedding_dropout(config)) {
  if (config.positions != "learned") return;
  // The end symbol and, in the decoder, the begin symbol take a place too; decoding may go on to
  // twice the source's length and 10 more.
  learned_ = register_parameter(
      "positions", torch::randn({2 * max_length + 12, config.hidden_size}) * (1.0 / scale_));
}

Tensor PositionedEmbedding::positions(int64_t first, int64_t length) const {
  const Tensor& weight = table_->weight;
  if (learned_.defined()) {
    // Beyond the last learned position its vector is used again.
    Tensor index =
        torch::arange(first, first + length, torch::dtype(torch::kInt64).device(weight.device()));
    return torch::embedding(learned_, index.clamp_max(learned_.size(0) - 1));
  }
  // Made anew for another number type: what has been rounded to bfloat16 stays rounded.
  bool fits = sinusoidal_.defined() && sinusoidal_.size(0) >= first + length &&
              sinusoidal_.dtype() == weight.dtype() && sinusoidal_.device() == weight.device();
  if (!fits) {
    int64_t rows = std::max<int64_t>(256, 2 * (first + length));
    sinusoidal_ = sinusoids(rows, weight.size(1)).to(weight.options());
  }
  return sinusoidal_.slice(0, first, first + length);
}

Tensor PositionedEmbedding::operator()(const Tensor& ids, int64_t first) const {
  Tensor x = (*table_)(ids)*scale_;
  return dropout(x + positions(first, ids.size(1)), dropout_, *this);
}

TransformerEncoderLayer::TransformerEncoderLayer(const ModelConfig& config)
    : pre_norm_(config.norm == "pre"),
      dropout_(config.dropout),
      self_attention_(register_module("self_attention", std::make_shared<SelfAttention>(config))),
      feed_forward_(register_module("feed_forward", std::make_shared<FeedForward>(config))),
      self_norm_(register_module("self_norm", std::make_shared<LayerNorm>(config.hidden_size))),
      feed_forward_norm_(
          register_module("feed_forward_norm", std::make_shared<LayerNorm>(config.hidden_size))) {}

Tensor TransformerEncoderLayer::operator()(const Tensor& x, const Tensor& bias) const {
  Residual residual{pre_norm_, dropout_, *this};
  Tensor y = residual(x, *self_norm_, [&](const Tensor& z) { return (*self_attention_)(z, bias); });
  return residual(y, *feed_forward_norm_, *feed_forward_);
}

TransformerDecoderLayer::TransformerDecoderLayer(const ModelConfig& config)
    : pre_norm_(config.norm == "pre"),
      dropout_(config.dropout),
      self_attention_(register_module("self_attention", std::make_shared<SelfAttention>(config))),
      cross_attention_(
          register_module("cross_attention", std::make_shared<CrossAttention>(config))),
      feed_forward_(register_module("feed_forward", std::make_shared<FeedForward>(config))),
      self_norm_(register_module("self_norm", std::make_shared<LayerNorm>(config.hidden_size))),
      cross_norm_(register_module("cross_norm", std::make_shared<LayerNorm>(config.hidden_size))),
      feed_forward_norm_(
          register_module("feed_forward_norm", std::make_shared<LayerNorm>(config.hidden_size))) {}

HeadMemory TransformerDecoderLayer::prepare(const Tensor& states, const Tensor& padding) const {
  return cross_attention_->prepare(states, padding);
}

Tensor TransformerDecoderLayer::operator()(const Tensor& x, const Tensor& causal,
                                           const HeadMemory& memory) const {
  Residual residual{pre_norm_, dropout_, *this};
  Tensor y =
      residual(x, *self_norm_, [&](const Tensor& z) { return (*self_attention_)(z, causal); });
  y = residual(y, *cross_norm_, [&](const Tensor& z) { return (*cross_attention_)(z, memory); });
  return residual(y, *feed_forward_norm_, *feed_forward_);
}

Tensor TransformerDecoderLayer::step(const Tensor& x, Tensor& key_cache, Tensor& value_cache,
                                     const HeadMemory& memory, Tensor& attention) const {
  Residual residual{pre_norm_, dropout_, *this};
  Tensor y = residual(x, *self_norm_, [&](const Tensor& z) {
    return self_attention_->step(z, key_cache, value_cache);
  });
  y = residual(y, *cross_norm_, [&](const Tensor& z) {
    Tensor per_sentence = z.view({-1, attention.size(1), z.size(2)});
    MultiHeadResult result = cross_attention_->with_weights(per_sentence, memory);
    attention = attention + result.weights;
    return result.output.view(z.sizes());
  });
  return residual(y, *feed_forward_norm_, *feed_forward_);
}

Transformer::Transformer(const ModelConfig& config, const VocabularySizes& vocabulary,
                         int64_t max_length) {
  int64_t hidden = config.hidden_size;
  vocabulary_ = register_module("vocabulary",
                                std::make_shared<Vocabulary>(config, vocabulary, hidden, hidden));
  source_embedding_ = register_module(
      "source_embedding",
      std::make_shared<PositionedEmbedding>(config, vocabulary_->source, max_length));
  target_embedding_ = register_module(
      "target_embedding",
      std::make_shared<PositionedEmbedding>(config, vocabulary_->target, max_length));
  for (int64_t i = 0; i < config.layers; ++i) {
    encoder_.push_back(register_module("encoder_" + std::to_string(i),
                                       std::make_shared<TransformerEncoderLayer>(config)));
  }
  for (int64_t i = 0; i < decoder_layers(config); ++i) {
    decoder_.push_back(register_module("decoder_" + std::to_string(i),
                                       std::make_shared<TransformerDecoderLayer>(config)));
  }
  if (config.norm != "pre") return;
  encoder_norm_ = register_module("encoder_norm", std::make_shared<LayerNorm>(hidden));
  decoder_norm_ = register_module("decoder_norm", std::make_shared<LayerNorm>(hidden));
}

Encoded Transformer::encode(const SourceTensors& source) {
  Tensor x = (*source_embedding_)(source.ids);
  Tensor bias = source.padding.defined() ? source.padding.unsqueeze(1) : Tensor();
  for (const auto& layer : encoder_) x = (*layer)(x, bias);
  if (encoder_norm_) x = (*encoder_norm_)(x);
  return {x, source.padding, {}, {}};
}

Tensor Transformer::forward(const BatchTensors& batch) {
  Encoded encoded = encode(batch.source);
  Tensor x = (*target_embedding_)(batch.target_input);
  Tensor causal = causal_bias(x.size(1), x.options());
  for (const auto& layer : decoder_) {
    x = (*layer)(x, causal, layer->prepare(encoded.states, encoded.padding));
  }
  return decoder_norm_ ? (*decoder_norm_)(x) : x;
}

// rows: a key and a value cache [B * K, A, t, D] a layer. sentences: padding, then keys and values
// [B, A, S, D] a layer.
DecoderState Transformer::start(const Encoded& encoded) {
  DecoderState state;
  int64_t batch = encoded.states.size(0);
  state.sentences.push_back(encoded.padding);
  for (const auto& layer : decoder_) {
    state.rows.push_back(layer->empty_cache(batch));
    state.rows.push_back(layer->empty_cache(batch));
    HeadMemory memory = layer->prepare(encoded.states, encoded.padding);
    state.sentences.push_back(
        memory.keys.view({batch, -1, memory.keys.size(1), memory.keys.size(2)}));
    state.sentences.push_back(
        memory.values.view({batch, -1, memory.values.size(1), memory.values.size(2)}));
  }
  return state;
}

StepOutput Transformer::step(const Tensor& last_ids, DecoderState& state) {
  int64_t batch = last_ids.size(0), beam = last_ids.size(1);
  const Tensor& padding = state.sentences[0];
  Tensor bias = padding.defined() ? padding.unsqueeze(1) : Tensor();
  Tensor x = (*target_embedding_)(last_ids.view({batch * beam, 1}), state.position);
  Tensor attention = torch::zeros({batch, beam, state.sentences[1].size(2)}, x.options());
  for (size_t i = 0; i < decoder_.size(); ++i) {
    HeadMemory memory{state.sentences[2 * i + 1].flatten(0, 1),
                      state.sentences[2 * i + 2].flatten(0, 1), bias};
    x = decoder_[i]->step(x, state.rows[2 * i], state.rows[2 * i + 1], memory, attention);
  }
  if (decoder_norm_) x = (*decoder_norm_)(x);
  ++state.position;
  return {torch::linear(x.squeeze(1), output_weight(), output_bias()),
          attention / static_cast<double>(decoder_.size())};
}

}  // namespace heed
