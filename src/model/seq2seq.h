// The interface of every translation model, and the letters of all shape comments:
//
//   B batch, S source length, T target length, H model width, A heads, D = H / A, V vocabulary,
//   K beam, N real (not padded) target positions.
//
// Training calls forward; translation calls encode, start, step and reorder, and knows no more.
#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "config/config.h"
#include "data/batch.h"
#include "kernels/packed_linear.h"

namespace heed {

using torch::Tensor;

// Source sentences on the model's device.
struct SourceTensors {
  Tensor ids;      // [B, S] int64
  Tensor lengths;  // [B] int64, on the CPU
  // [B, 1, S] in the model's number type: 0 on pieces, -inf on padding; undefined without padding.
  Tensor padding;
};

struct BatchTensors {
  SourceTensors source;
  Tensor target_input;      // [B, T] int64: begin, pieces
  Tensor target_output;     // [N] int64: pieces, end, of the real positions alone
  Tensor target_positions;  // [N] int64 into the flattened [B * T]; undefined without padding
  int64_t tokens;           // N
  Tensor alignment;         // [B, T, S] float32: 1 where aligned; undefined where none is given
};

// The source as the decoder sees it.
struct Encoded {
  Tensor states;                 // [B, S, H]
  Tensor padding;                // as in SourceTensors
  std::vector<Tensor> finals;    // a recurrent encoder's last states, one [B, H] a layer
  std::vector<Encoded> members;  // an ensemble's: one for each of its models
};

// What a decoder carries from step to step, in whatever order its model likes.
struct DecoderState {
  // Some may be undefined, and stay so.
  std::vector<Tensor> rows;       // first dimension B * K: one row a hypothesis
  std::vector<Tensor> sentences;  // first dimension B: shared by a sentence's hypotheses
  int64_t position = 0;           // target pieces already taken
  bool wants_attention = true;    // else StepOutput::attention may stay undefined
  bool wants_logits = true;       // else there may be a projection in their place
  // What rows point into: reordering leaves it as it is. A copy of the state shares it, so only one
  // of the two may go on.
  std::vector<Tensor> kept;
  std::vector<DecoderState> members;  // an ensemble's: one for each of its models
  // The output projection to a shortlist of pieces; null: to all.
  std::shared_ptr<const kernels::PackedLinear> offered;
};

struct StepOutput {
  // [B * K, V] in the model's number type, not normalised; V are the pieces offered.
  Tensor logits;
  Tensor attention;  // [B, K, S]: cross-attention, averaged over layers and heads
  // What logits are still to be made of: the states before the output projection, [B * K, H], and
  // that, packed. Who wants the best of each row alone need not hold them all.
  Tensor states = {};
  std::shared_ptr<const kernels::PackedLinear> projection = {};
};

// What a forward pass leaves beside its result: terms of the loss that some kinds of attention
// have, and, where asked for, the weights themselves.
struct AttentionTrace {
  bool keep_cross = false, keep_self = false;  // which of the weights below
  std::vector<Tensor> cross;                   // a decoder layer each: [B, A, T, S]
  std::vector<Tensor> encoder_self;            // a Transformer's encoder layer each: [B, A, S, S]
  std::vector<Tensor> decoder_self;            // [B, A, T, T]
  // [B, T] float32, layers and heads added up; undefined where the kind has none: log P of drawn
  // positions and their distribution's entropy (model.attention_weights = hard), and attention to
  // what had attention already (model.coverage).
  Tensor log_probability, entropy, coverage_loss;
};

class Seq2Seq : public torch::nn::Module {
 public:
  // Teacher forcing: decoder states before the output projection, [B, T, H].
  virtual Tensor forward(const BatchTensors& batch, AttentionTrace& trace) = 0;

  // Whether hard attention is drawn in training or still soft; nothing to other kinds.
  virtual void set_drawing(bool) {}

  virtual Encoded encode(const SourceTensors& source) = 0;
  // The state before the first piece, with K = 1.
  virtual DecoderState start(const Encoded& encoded) = 0;
  // Takes the last piece of each hypothesis, last_ids [B, K], and advances the state.
  virtual StepOutput step(const Tensor& last_ids, DecoderState& state) = 0;
  // New rows [B' * K'] index the old ones; `sentences` [B'] index the old sentences, undefined
  // where all stay.
  virtual void reorder(DecoderState& state, const Tensor& rows, const Tensor& sentences) const;

  // What a DecoderState offers where it is to choose among some pieces alone; null where the model
  // cannot: it is an ensemble, or its weights are not packed.
  virtual std::shared_ptr<const kernels::PackedLinear> offer(std::span<const int32_t>) const {
    return nullptr;
  }

  // The output projection: logits = states * weight^T + bias.
  virtual Tensor output_weight() const = 0;  // [V, H]
  virtual Tensor output_bias() const = 0;    // [V]

  torch::Device device() const;
  torch::ScalarType number_type() const;
};

struct VocabularySizes {
  int64_t source, target;
};

// A model with fresh weights drawn from LibTorch's default generator. The one place that maps
// model.architecture to a class. `max_length` bounds learned positions.
std::shared_ptr<Seq2Seq> make_model(const ModelConfig& config, const VocabularySizes& vocabulary,
                                    int64_t max_length);

// Padded ids as tensors on the model's device.
SourceTensors to_tensors(const IdMatrix& source, const Seq2Seq& model);
BatchTensors to_tensors(const Batch& batch, const Seq2Seq& model);

// Throws Error naming both shapes where they differ: `keys: expected [4, 7, 64], got [4, 7, 32]`;
// -1 stands for any size.
void check_shape(const char* name, const Tensor& tensor, std::initializer_list<int64_t> expected);

}  // namespace heed
