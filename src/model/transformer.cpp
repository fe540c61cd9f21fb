#include "model/transformer.h"

namespace heed {
namespace {

AttentionShape cross_shape(const ModelConfig& config) {
  return {config.hidden_size, config.hidden_size, config.heads, /*projected=*/true};
}

// What a layer adds to the trace.
void add_to_trace(AttentionTrace& trace, const AttentionResult& cross) {
  auto add = [](Tensor& sum, const Tensor& x) {
    if (x.defined()) sum = sum.defined() ? sum + x : x;
  };
  add(trace.log_probability, cross.log_probability);
  add(trace.entropy, cross.entropy);
  if (trace.keep_cross) trace.cross.push_back(cross.weights);
}

}  // namespace

TransformerEncoderLayer::TransformerEncoderLayer(const ModelConfig& config)
    : self_attention_(register_module("self_attention", make_self_attention(config, Sight::kAll))),
      feed_forward_(register_module("feed_forward", std::make_shared<FeedForward>(config))),
      self_norm_(register_module("self_norm", std::make_shared<LayerNorm>(config))),
      feed_forward_norm_(
          register_module("feed_forward_norm", std::make_shared<LayerNorm>(config))) {}

void TransformerEncoderLayer::operator()(Residual& x, const SelfMask& mask, Tensor* weights) const {
  x.add(*self_norm_, [&](const Tensor& z) { return self_attention_->forward(z, mask, weights); });
  x.add(*feed_forward_norm_, *feed_forward_);
}

TransformerDecoderLayer::TransformerDecoderLayer(const ModelConfig& config)
    : self_attention_(
          register_module("self_attention", make_self_attention(config, Sight::kBefore))),
      cross_attention_(register_module("cross_attention",
                                       std::make_shared<Attention>(config, cross_shape(config)))),
      feed_forward_(register_module("feed_forward", std::make_shared<FeedForward>(config))),
      self_norm_(register_module("self_norm", std::make_shared<LayerNorm>(config))),
      cross_norm_(register_module("cross_norm", std::make_shared<LayerNorm>(config))),
      feed_forward_norm_(
          register_module("feed_forward_norm", std::make_shared<LayerNorm>(config))) {}

void TransformerDecoderLayer::operator()(Residual& x, const SelfMask& mask, const Encoded& encoded,
                                         AttentionTrace& trace) const {
  Tensor weights;
  x.add(*self_norm_, [&](const Tensor& z) {
    return self_attention_->forward(z, mask, trace.keep_self ? &weights : nullptr);
  });
  if (trace.keep_self) trace.decoder_self.push_back(weights);
  x.add(*cross_norm_, [&](const Tensor& z) {
    if (cross_attention_->is_plain() && !trace.keep_cross) {
      return cross_attention_->context(z, encoded.states, encoded.padding);
    }
    auto cross = (*cross_attention_)(z, cross_attention_->prepare(encoded.states, encoded.padding));
    add_to_trace(trace, cross);
    return cross.context;
  });
  x.add(*feed_forward_norm_, *feed_forward_);
}

Transformer::Transformer(const ModelShape& shape)
    : Seq2Seq(shape),
      dropout_(shape.config.dropout),
      starts_from_zero_(shape.config.decoder_start == "zero") {
  const ModelConfig& config = shape.config;
  int64_t hidden = config.hidden_size, max_length = shape.max_length;
  vocabulary_ = register_module(
      "vocabulary", std::make_shared<VocabularyTables>(config, shape.vocabulary, hidden, hidden));
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
  encoder_norm_ = register_module("encoder_norm", std::make_shared<LayerNorm>(config));
  decoder_norm_ = register_module("decoder_norm", std::make_shared<LayerNorm>(config));
}

void Transformer::set_drawing(bool drawing) {
  for (const auto& layer : decoder_) layer->set_drawing(drawing);
}

Residual Transformer::begin(const Tensor& x) const {
  return {x, {pre_norm(), is_training() ? dropout_ : 0}};
}

Tensor Transformer::end(Residual& x, const std::shared_ptr<LayerNorm>& norm) {
  return norm ? x.normalised(*norm) : x.sum();
}

Encoded Transformer::encode(const SourceTensors& source, AttentionTrace& trace) const {
  Tensor embedded = (*source_embedding_)(source.ids);
  SelfMask mask =
      encoder_[0]->self_attention().mask(source.padding, embedded.size(1), embedded.options());
  Residual x = begin(embedded);
  for (const auto& layer : encoder_) {
    Tensor weights;
    (*layer)(x, mask, trace.keep_self ? &weights : nullptr);
    if (trace.keep_self) trace.encoder_self.push_back(weights);
  }
  return {end(x, encoder_norm_), source.padding, {}};
}

Tensor Transformer::embed_target(const Tensor& ids, int64_t first) const {
  if (!starts_from_zero_ || first > 0) return (*target_embedding_)(ids, first);
  Tensor start = target_embedding_->nothing(ids.size(0));
  if (ids.size(1) == 1) return start;
  return torch::cat({start, (*target_embedding_)(ids.slice(1, 1), 1)}, 1);
}

Tensor Transformer::finish(const Tensor& x) const {
  return decoder_norm_ ? (*decoder_norm_)(x) : x;
}

Tensor Transformer::forward(const BatchTensors& batch, AttentionTrace& trace) const {
  Encoded encoded = encode(batch.source, trace);
  Tensor embedded = embed_target(batch.target_input, 0);
  SelfMask mask = decoder_[0]->self_attention().mask({}, embedded.size(1), embedded.options());
  Residual x = begin(embedded);
  for (const auto& layer : decoder_) (*layer)(x, mask, encoded, trace);
  return end(x, decoder_norm_);
}

}  // namespace heed
