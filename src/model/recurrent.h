// Recurrent encoder-decoders with attention: Bahdanau et al. (2015) and Luong et al. (2015).
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "model/attention.h"
#include "model/cell.h"

namespace heed {

// n bidirectional layers, each direction of width H / 2 (Bahdanau et al., 2015, section 3.2).
class RecurrentEncoder : public torch::nn::Module {
 public:
  explicit RecurrentEncoder(const ModelConfig& config);
  // embeddings [B, S, E], lengths [B] -> states [B, S, H] and, a layer each, the last states of
  // both directions [B, H]. What stands in the padding changes nothing.
  Encoded operator()(const Tensor& embeddings, const SourceTensors& source) const;

 private:
  double dropout_;
  std::vector<std::shared_ptr<Cell>> forward_, backward_;
};

// What a decoder carries from one target piece to the next.
struct RecurrentState {
  std::vector<CellState> layers;
  Tensor feed;  // [R, readout]: the attentional state that Luong's input feeding hands on
  AttentionState attention;
  int64_t position = 0;  // target pieces already taken

  void keep(const Tensor& rows);  // these of its rows, [R'] int64
};

// n layers of cells, attention before them (Bahdanau) or after (Luong), and the readout.
class RecurrentDecoder : public torch::nn::Module {
 public:
  explicit RecurrentDecoder(const ModelConfig& config);
  AttentionMemory prepare(const Encoded& encoded) const;
  AttentionMemory prepare_steps(const Encoded& encoded) const;  // for `step` alone
  RecurrentState start(const Encoded& encoded, const AttentionMemory& memory) const;
  // Teacher forcing: embeddings [B, T, E] -> readouts [B, T, readout].
  Tensor run(const Tensor& embeddings, const AttentionMemory& memory, RecurrentState state,
             AttentionTrace& trace) const;
  // One piece: embedding [R, E] with R = B * K -> readout [R, readout]; weights [B, A, K, S].
  Tensor step(const Tensor& embedding, const AttentionMemory& memory, RecurrentState& state,
              Tensor& weights) const;
  // The same on plain memory (kernels/recurrent_step.h), where all layers are packed and the
  // attention is a soft-max over all of the source; nothing otherwise. Valid as long as this is.
  std::optional<kernels::RecurrentLayers> packed_step() const;
  bool feeds_input() const { return feeds_input_; }
  void set_drawing(bool drawing) { attention_->set_drawing(drawing); }
  // Width of what goes into the output projection: E where that is tied, else H.
  static int64_t readout_size(const ModelConfig& config);

 private:
  // The top state [R, H] and its context [R, H], from the projected embedding [R, gates * H].
  struct Advance {
    Tensor top, context;
    AttentionResult attention;
  };
  Advance advance(const Tensor& projected, const AttentionMemory& memory,
                  RecurrentState& state) const;
  // top and context [..., H], embedding [..., E]: tanh(W [top; context]) (Luong, equation 5), with
  // the embedding beside them in Bahdanau's deep output (appendix A.2.2, tanh in place of maxout).
  Tensor readout(const Tensor& top, const Tensor& context, const Tensor& embedding) const;
  Tensor run_cells(const Tensor& projected, const Tensor& feed, RecurrentState& state) const;
  CellState first_state(const Encoded& encoded, size_t layer) const;
  bool has_memory() const { return cells_[0]->has_memory(); }

  bool bahdanau_, feeds_input_;
  double dropout_;
  int64_t hidden_, readout_;
  std::vector<std::shared_ptr<Cell>> cells_;
  std::vector<std::shared_ptr<Linear>> bridges_;
  std::shared_ptr<Attention> attention_;
  std::shared_ptr<Linear> readout_top_, readout_context_, readout_embedding_;
};

class Recurrent : public Seq2Seq {
 public:
  explicit Recurrent(const ModelShape& shape);
  Tensor forward(const BatchTensors& batch, AttentionTrace& trace) const override;
  void set_drawing(bool drawing) override { decoder_->set_drawing(drawing); }
  Tensor output_weight() const override { return vocabulary_->output_weight; }
  Tensor output_bias() const override { return vocabulary_->output_bias; }
  OutputProjection release_output() { return vocabulary_->release_output(); }

  Encoded encode(const SourceTensors& source) const;
  Tensor embed_target(const Tensor& ids) const;  // [B, T] -> [B, T, E]
  const RecurrentDecoder& decoder() const { return *decoder_; }

 private:
  Tensor embed(const Embedding& table, const Tensor& ids) const;
  double embedding_dropout_;
  std::shared_ptr<VocabularyTables> vocabulary_;
  std::shared_ptr<RecurrentEncoder> encoder_;
  std::shared_ptr<RecurrentDecoder> decoder_;
};

}  // namespace heed
