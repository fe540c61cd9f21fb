#include "model/transformer.h"

namespace heed {
namespace {

AttentionShape cross_shape(const ModelConfig& config) {
  return {config.hidden_size, config.hidden_size, config.heads, /*projected=*/true};
}

void append(std::vector<Tensor>& into, const std::vector<Tensor>& tensors) {
  into.insert(into.end(), tensors.begin(), tensors.end());
}

// Of a decoder's state: `rows` are the origins of all layers' caches, then kRowParts of each layer;
// `kept` is what each layer has stored, then what each layer's AttentionMemory keeps; `sentences`
// what these move.
constexpr size_t kRowParts = 1 + AttentionState::kParts;
constexpr size_t kKeptParts = 1 + AttentionMemory::kKept;

DecoderLayerState layer_state(const DecoderState& state, size_t layer) {
  const Tensor* rows = &state.rows[1 + layer * kRowParts];
  return {{state.kept[layer], state.rows[0], rows[0]}, AttentionState::from(rows + 1)};
}

void put_layer_state(DecoderState& state, size_t layer, const DecoderLayerState& own) {
  state.kept[layer] = own.self.stored;
  Tensor* rows = &state.rows[1 + layer * kRowParts];
  rows[0] = own.self.sums;
  auto cross = own.cross.parts();
  std::copy(cross.begin(), cross.end(), rows + 1);
}

// Pieces of hypotheses that are gone leave once they are the greater part.
void drop_unused(DecoderState& state) {
  Tensor& origins = state.rows[0];
  if (!origins.defined() || state.kept[0].size(0) <= 2 * origins.numel()) return;
  size_t layers = state.kept.size() / kKeptParts;
  for (size_t i = 0; i < layers; ++i) {
    state.kept[i] = state.kept[i].index_select(0, origins.flatten());
  }
  origins = torch::arange(origins.numel(), origins.options()).view(origins.sizes());
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
      self_norm_(register_module("self_norm", std::make_shared<LayerNorm>(config.hidden_size))),
      feed_forward_norm_(
          register_module("feed_forward_norm", std::make_shared<LayerNorm>(config.hidden_size))) {}

void TransformerEncoderLayer::operator()(Residual& x, const SelfMask& mask, Tensor* weights) const {
  x.add(*self_norm_, [&](const Tensor& z) { return self_attention_->forward(z, mask, weights); });
  x.add(*feed_forward_norm_, *feed_forward_);
}

TransformerDecoderLayer::TransformerDecoderLayer(const ModelConfig& config)
    : pre_norm_(config.norm == "pre"),
      self_attention_(
          register_module("self_attention", make_self_attention(config, Sight::kBefore))),
      cross_attention_(register_module("cross_attention",
                                       std::make_shared<Attention>(config, cross_shape(config)))),
      feed_forward_(register_module("feed_forward", std::make_shared<FeedForward>(config))),
      self_norm_(register_module("self_norm", std::make_shared<LayerNorm>(config.hidden_size))),
      cross_norm_(register_module("cross_norm", std::make_shared<LayerNorm>(config.hidden_size))),
      feed_forward_norm_(
          register_module("feed_forward_norm", std::make_shared<LayerNorm>(config.hidden_size))) {}

AttentionMemory TransformerDecoderLayer::prepare(const Encoded& encoded) const {
  return cross_attention_->prepare_steps(encoded.states, encoded.padding);
}

DecoderLayerState TransformerDecoderLayer::start(const AttentionMemory& memory) const {
  return {self_attention_->empty_cache(memory.batch()), cross_attention_->start(memory)};
}

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

Tensor TransformerDecoderLayer::step(const Tensor& x, int64_t position,
                                     const AttentionMemory& memory, DecoderLayerState& state,
                                     Tensor* cross) const {
  if (auto layer = memory.keys.defined() ? packed() : std::nullopt) {
    packed_step(*layer, x, memory, state, cross);
    return x;
  }
  Residual y(x, {pre_norm_, 0});
  y.add(*self_norm_,
        [&](const Tensor& z) { return self_attention_->step(z, position, state.self); });
  y.add(*cross_norm_, [&](const Tensor& z) {
    // A sentence's hypotheses stand in the place of target positions.
    Tensor by_sentence = z.view({memory.batch(), -1, z.size(2)});
    AttentionResult result = cross_attention_->step(by_sentence, memory, position, state.cross);
    if (cross) *cross = result.weights;
    return result.context.view(z.sizes());
  });
  y.add(*feed_forward_norm_, *feed_forward_);
  return y.sum();
}

std::optional<kernels::DecoderLayer> TransformerDecoderLayer::packed() const {
  auto self_shape = self_attention_->plain_shape();
  if (!self_shape || !cross_attention_->is_plain()) return {};
  kernels::DecoderLayer layer{self_attention_->query_key_value().packed(),
                              self_attention_->output_layer().packed(),
                              cross_attention_->query_layer().packed(),
                              cross_attention_->output_layer().packed(),
                              feed_forward_->inner().packed(),
                              feed_forward_->outer().packed(),
                              self_norm_->rows(),
                              cross_norm_->rows(),
                              feed_forward_norm_->rows(),
                              *self_shape,
                              cross_attention_->plain_shape(),
                              feed_forward_->activation(),
                              pre_norm_};
  bool all = layer.query_key_value && layer.self_output && layer.query && layer.cross_output &&
             layer.inner && layer.outer;
  return all ? std::optional(layer) : std::nullopt;
}

void TransformerDecoderLayer::packed_step(const kernels::DecoderLayer& layer, const Tensor& x,
                                          const AttentionMemory& memory, DecoderLayerState& state,
                                          Tensor* cross) const {
  const Tensor &keys = memory.keys, &values = memory.values, &padding = memory.padding;
  int64_t batch = memory.batch(), beam = x.size(0) / batch, length = values.size(2);
  if (cross) *cross = torch::empty({batch, keys.size(1), beam, length}, keys.options());
  SelfCache& own = state.self;
  int64_t written = SelfAttention::reserve(own, x.size(0));
  kernels::SourcePieces source{nullptr,
                               keys.const_data_ptr<float>(),
                               values.const_data_ptr<float>(),
                               padding.defined() ? padding.const_data_ptr<float>() : nullptr,
                               memory.sentences.const_data_ptr<int32_t>(),
                               batch,
                               beam,
                               length,
                               keys.size(2),
                               values.size(3)};
  kernels::decoder_layer_step(
      layer,
      {own.stored.mutable_data_ptr<float>(), written, own.origins.const_data_ptr<int32_t>(),
       own.origins.size(1), source, cross ? cross->mutable_data_ptr<float>() : nullptr},
      x.mutable_data_ptr<float>());
}

Transformer::Transformer(const ModelConfig& config, const VocabularySizes& vocabulary,
                         int64_t max_length)
    : pre_norm_(config.norm == "pre"), dropout_(config.dropout) {
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
  if (!pre_norm_) return;
  encoder_norm_ = register_module("encoder_norm", std::make_shared<LayerNorm>(hidden));
  decoder_norm_ = register_module("decoder_norm", std::make_shared<LayerNorm>(hidden));
}

void Transformer::set_drawing(bool drawing) {
  for (const auto& layer : decoder_) layer->set_drawing(drawing);
}

Encoded Transformer::encode(const SourceTensors& source) {
  AttentionTrace none;
  return encode(source, none);
}

Residual Transformer::begin(const Tensor& x) const {
  return {x, {pre_norm_, is_training() ? dropout_ : 0}};
}

Tensor Transformer::end(Residual& x, const std::shared_ptr<LayerNorm>& norm) {
  return norm ? x.normalised(*norm) : x.sum();
}

Encoded Transformer::encode(const SourceTensors& source, AttentionTrace& trace) {
  Tensor embedded = (*source_embedding_)(source.ids);
  SelfMask mask =
      encoder_[0]->self_attention().mask(source.padding, embedded.size(1), embedded.options());
  Residual x = begin(embedded);
  for (const auto& layer : encoder_) {
    Tensor weights;
    (*layer)(x, mask, trace.keep_self ? &weights : nullptr);
    if (trace.keep_self) trace.encoder_self.push_back(weights);
  }
  return {end(x, encoder_norm_), source.padding, {}, {}};
}

Tensor Transformer::forward(const BatchTensors& batch, AttentionTrace& trace) {
  Encoded encoded = encode(batch.source, trace);
  Tensor embedded = (*target_embedding_)(batch.target_input);
  SelfMask mask = decoder_[0]->self_attention().mask({}, embedded.size(1), embedded.options());
  Residual x = begin(embedded);
  for (const auto& layer : decoder_) (*layer)(x, mask, encoded, trace);
  return end(x, decoder_norm_);
}

DecoderState Transformer::start(const Encoded& encoded) {
  DecoderState state;
  state.rows.resize(1 + decoder_.size() * kRowParts);
  state.kept.resize(decoder_.size());
  for (size_t i = 0; i < decoder_.size(); ++i) {
    AttentionMemory memory = decoder_[i]->prepare(encoded);
    DecoderLayerState own = decoder_[i]->start(memory);
    state.rows[0] = own.self.origins;
    put_layer_state(state, i, own);
    append(state.sentences, memory.moved());
    append(state.kept, memory.kept());
  }
  return state;
}

StepOutput Transformer::step(const Tensor& last_ids, DecoderState& state) {
  drop_unused(state);
  SelfCache shared = layer_state(state, 0).self;
  decoder_[0]->self_attention().extend(shared);
  state.rows[0] = shared.origins;
  Tensor x = (*target_embedding_)(last_ids.view({-1, 1}), state.position);
  Tensor attention;
  for (size_t i = 0; i < decoder_.size(); ++i) {
    auto memory = AttentionMemory::from(&state.sentences[i * AttentionMemory::kMoved],
                                        &state.kept[decoder_.size() + i * AttentionMemory::kKept]);
    DecoderLayerState own = layer_state(state, i);
    Tensor cross;  // [B, A, K, S]
    x = decoder_[i]->step(x, state.position, memory, own, state.wants_attention ? &cross : nullptr);
    put_layer_state(state, i, own);
    if (!state.wants_attention) continue;
    Tensor mean = cross.mean(1);
    attention = attention.defined() ? attention + mean : mean;
  }
  if (decoder_norm_) x = (*decoder_norm_)(x);
  ++state.position;
  if (attention.defined()) attention = attention / static_cast<double>(decoder_.size());
  StepOutput output = vocabulary_->project(x.squeeze(1), state);
  output.attention = attention;
  return output;
}

}  // namespace heed
