#include "model/recurrent.h"

#include "kernels/embedding.h"
#include "kernels/shared_gradient.h"

namespace heed {

void RecurrentState::keep(const Tensor& rows) {
  auto keep = [&](Tensor& x) {
    if (x.defined()) x = x.index_select(0, rows);
  };
  for (CellState& layer : layers) {
    keep(layer.hidden);
    keep(layer.memory);
  }
  keep(feed);
  attention.keep(rows);
}

RecurrentEncoder::RecurrentEncoder(const ModelConfig& config) : dropout_(config.dropout) {
  int64_t input = embedding_size(config);
  for (int64_t i = 0; i < config.layers; ++i) {
    CellSizes sizes{input, 0, config.hidden_size / 2};
    forward_.push_back(
        register_module("forward_" + std::to_string(i), make_cell(config.cell, sizes)));
    backward_.push_back(
        register_module("backward_" + std::to_string(i), make_cell(config.cell, sizes)));
    input = config.hidden_size;
  }
}

Encoded RecurrentEncoder::operator()(const Tensor& embeddings, const SourceTensors& source) const {
  Encoded encoded{embeddings, source.padding, {}};
  for (size_t i = 0; i < forward_.size(); ++i) {
    Tensor input = i == 0 ? embeddings : dropout(encoded.states, dropout_, *this);
    Tensor forward = forward_[i]->run(input, source.lengths, Direction::kForward);
    Tensor backward = backward_[i]->run(input, source.lengths, Direction::kBackward);
    encoded.finals.push_back(torch::cat({forward.select(1, -1), backward.select(1, 0)}, 1));
    encoded.states = torch::cat({forward, backward}, 2);
  }
  return encoded;
}

int64_t RecurrentDecoder::readout_size(const ModelConfig& config) {
  return config.tie_softmax ? embedding_size(config) : config.hidden_size;
}

RecurrentDecoder::RecurrentDecoder(const ModelConfig& config)
    : bahdanau_(config.decoder_order == "bahdanau"),
      feeds_input_(!bahdanau_ && config.input_feeding),
      dropout_(config.dropout),
      hidden_(config.hidden_size),
      readout_(readout_size(config)) {
  int64_t feed = bahdanau_ ? hidden_ : (feeds_input_ ? readout_ : 0);
  for (int64_t i = 0; i < decoder_layers(config); ++i) {
    CellSizes sizes{i == 0 ? embedding_size(config) : hidden_, i == 0 ? feed : 0, hidden_};
    cells_.push_back(register_module("cell_" + std::to_string(i), make_cell(config.cell, sizes)));
    if (config.bridge != "linear") continue;
    int64_t states = cells_.back()->has_memory() ? 2 : 1;
    bridges_.push_back(register_module("bridge_" + std::to_string(i),
                                       std::make_shared<Linear>(hidden_, states * hidden_)));
  }
  int64_t heads = config.attention_heads;
  attention_ = register_module(
      "attention",
      std::make_shared<Attention>(config, AttentionShape{hidden_, hidden_, heads, heads > 1}));
  readout_top_ = register_module("readout_top", std::make_shared<Linear>(hidden_, readout_));
  readout_context_ = register_module(
      "readout_context", std::make_shared<Linear>(hidden_, readout_, LinearOptions{false}));
  if (!bahdanau_) return;
  readout_embedding_ = register_module(
      "readout_embedding",
      std::make_shared<Linear>(embedding_size(config), readout_, LinearOptions{false}));
}

AttentionMemory RecurrentDecoder::prepare(const Encoded& encoded) const {
  return attention_->prepare(encoded.states, encoded.padding);
}

AttentionMemory RecurrentDecoder::prepare_steps(const Encoded& encoded) const {
  return attention_->prepare_steps(encoded.states, encoded.padding);
}

CellState RecurrentDecoder::first_state(const Encoded& encoded, size_t layer) const {
  const Tensor& last = encoded.finals[std::min(layer, encoded.finals.size() - 1)];
  if (bridges_.empty()) {
    Tensor zeros = torch::zeros({last.size(0), hidden_}, last.options());
    return {zeros, has_memory() ? zeros : Tensor()};
  }
  Tensor states = torch::tanh((*bridges_[layer])(last));
  if (!has_memory()) return {states, {}};
  auto parts = states.chunk(2, 1);
  return {parts[0], parts[1]};
}

RecurrentState RecurrentDecoder::start(const Encoded& encoded,
                                       const AttentionMemory& memory) const {
  RecurrentState state;
  state.attention = attention_->start(memory);
  for (size_t i = 0; i < cells_.size(); ++i) state.layers.push_back(first_state(encoded, i));
  if (feeds_input_) {
    state.feed = torch::zeros({encoded.states.size(0), readout_}, encoded.states.options());
  }
  return state;
}

Tensor RecurrentDecoder::run_cells(const Tensor& projected, const Tensor& feed,
                                   RecurrentState& state) const {
  state.layers[0] = cells_[0]->step(projected, feed, state.layers[0]);
  for (size_t i = 1; i < cells_.size(); ++i) {
    Tensor input = dropout(state.layers[i - 1].hidden, dropout_, *this);
    state.layers[i] = cells_[i]->step(cells_[i]->project(input), {}, state.layers[i]);
  }
  return state.layers.back().hidden;
}

RecurrentDecoder::Advance RecurrentDecoder::advance(const Tensor& projected,
                                                    const AttentionMemory& memory,
                                                    RecurrentState& state) const {
  int64_t batch = memory.batch();
  auto attend = [&](const Tensor& query) {
    return attention_->step(query.view({batch, -1, hidden_}), memory, state.position++,
                            state.attention);
  };
  if (bahdanau_) {
    AttentionResult result = attend(state.layers.back().hidden);
    Tensor context = result.context.view({-1, hidden_});
    return {run_cells(projected, context, state), context, result};
  }
  Tensor top = run_cells(projected, state.feed, state);
  AttentionResult result = attend(top);
  return {top, result.context.view({-1, hidden_}), result};
}

Tensor RecurrentDecoder::readout(const Tensor& top, const Tensor& context,
                                 const Tensor& embedding) const {
  Tensor sum = (*readout_top_)(top) + (*readout_context_)(context);
  if (readout_embedding_) sum = sum + (*readout_embedding_)(embedding);
  return dropout(torch::tanh(sum), dropout_, *this);
}

Tensor RecurrentDecoder::run(const Tensor& embeddings, const AttentionMemory& memory,
                             RecurrentState state, AttentionTrace& trace) const {
  kernels::SharedGradients over_steps;
  std::vector<Tensor> tops, contexts, readouts;
  std::vector<AttentionResult> attention;
  for (const Tensor& projected : cells_[0]->project(embeddings).unbind(1)) {
    Advance next = advance(projected, memory, state);
    attention.push_back(next.attention);
    if (feeds_input_) {
      state.feed = readout(next.top, next.context, {});
      readouts.push_back(state.feed);
    } else {
      tops.push_back(next.top);
      contexts.push_back(next.context);
    }
  }
  trace.log_probability = join_steps(attention, &AttentionResult::log_probability, 1);
  trace.entropy = join_steps(attention, &AttentionResult::entropy, 1);
  trace.coverage_loss = join_steps(attention, &AttentionResult::coverage_loss, 1);
  if (trace.keep_cross) {
    trace.cross.push_back(join_steps(attention, &AttentionResult::weights, 2));
  }
  if (feeds_input_) return torch::stack(readouts, 1);
  return readout(torch::stack(tops, 1), torch::stack(contexts, 1), embeddings);
}

Tensor RecurrentDecoder::step(const Tensor& embedding, const AttentionMemory& memory,
                              RecurrentState& state, Tensor& weights) const {
  Advance next = advance(cells_[0]->project(embedding), memory, state);
  weights = next.attention.weights;
  Tensor out = readout(next.top, next.context, embedding);
  if (feeds_input_) state.feed = out;
  return out;
}

std::optional<kernels::RecurrentLayers> RecurrentDecoder::packed_step() const {
  auto attention = attention_->packed_step();
  if (!attention || readout_top_->packed() == nullptr) return {};
  kernels::RecurrentLayers layers{
      .kind = cells_[0]->kind(),
      .cells = {},
      .attention = *attention,
      .attends_first = bahdanau_,
      .readout_top = readout_top_->packed(),
      .readout_context = readout_context_->packed(),
      .readout_embedding = readout_embedding_ ? readout_embedding_->packed() : nullptr};
  for (const auto& cell : cells_) {
    layers.cells.push_back(cell->packed());
    if (layers.cells.back().recurrent == nullptr) return {};  // too narrow for 8 bits
  }
  return layers;
}

Recurrent::Recurrent(const ModelShape& shape)
    : Seq2Seq(shape), embedding_dropout_(heed::embedding_dropout(shape.config)) {
  const ModelConfig& config = shape.config;
  vocabulary_ = register_module("vocabulary", std::make_shared<VocabularyTables>(
                                                  config, shape.vocabulary, embedding_size(config),
                                                  RecurrentDecoder::readout_size(config)));
  encoder_ = register_module("encoder", std::make_shared<RecurrentEncoder>(config));
  decoder_ = register_module("decoder", std::make_shared<RecurrentDecoder>(config));
}

Tensor Recurrent::embed(const Embedding& table, const Tensor& ids) const {
  return kernels::embed(table.weight, ids, {}, {1, is_training() ? embedding_dropout_ : 0});
}

Encoded Recurrent::encode(const SourceTensors& source) const {
  return (*encoder_)(embed(*vocabulary_->source, source.ids), source);
}

Tensor Recurrent::embed_target(const Tensor& ids) const { return embed(*vocabulary_->target, ids); }

Tensor Recurrent::forward(const BatchTensors& batch, AttentionTrace& trace) const {
  Encoded encoded = encode(batch.source);
  Tensor embeddings = embed_target(batch.target_input);
  AttentionMemory memory = decoder_->prepare(encoded);
  return decoder_->run(embeddings, memory, decoder_->start(encoded, memory), trace);
}

}  // namespace heed
