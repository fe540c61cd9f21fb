// The interface of every translation model in training, and the letters of all shape comments:
//
//   B batch, S source length, T target length, H model width, A heads, D = H / A, V vocabulary,
//   K beam, N real (not padded) target positions, R rows of a decoding: hypotheses of all
//   sentences.
//
// Translation compiles a model first: see inference/compile.h.
#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <memory>
#include <string>
#include <vector>

#include "config/model_config.h"
#include "data/batch.h"

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
  Tensor states;               // [B, S, H]
  Tensor padding;              // as in SourceTensors
  std::vector<Tensor> finals;  // a recurrent encoder's last states, one [B, H] a layer
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

struct VocabularySizes {
  int64_t source, target;
};

// What a model is but for its weights.
struct ModelShape {
  ModelConfig config;
  VocabularySizes vocabulary;
  int64_t max_length;  // pieces of a training sentence at most: bounds learned positions
};

class Seq2Seq : public torch::nn::Module {
 public:
  explicit Seq2Seq(ModelShape shape) : shape_(std::move(shape)) {}
  const ModelShape& shape() const { return shape_; }

  // Teacher forcing: decoder states before the output projection, [B, T, H].
  virtual Tensor forward(const BatchTensors& batch, AttentionTrace& trace) const = 0;

  // If true, hard attention samples positions in training. Other kinds ignore it.
  virtual void set_drawing(bool) {}

  // The output projection: logits = states * weight^T + bias.
  virtual Tensor output_weight() const = 0;  // [V, H]
  virtual Tensor output_bias() const = 0;    // [V]

  torch::TensorOptions options() const;  // number type and device of its weights
  torch::Device device() const { return options().device(); }

 private:
  ModelShape shape_;
};

// A model with fresh weights drawn from LibTorch's default generator.
std::shared_ptr<Seq2Seq> make_model(const ModelShape& shape);

// Padded ids as tensors; `options` are the model's.
SourceTensors to_tensors(const IdMatrix& source, const torch::TensorOptions& options);
BatchTensors to_tensors(const Batch& batch, const torch::TensorOptions& options);

std::string shape_text(at::IntArrayRef sizes);  // "[4, 7]"
// Throws Error naming both shapes where they differ: `keys: expected [4, 7, 64], got [4, 7, 32]`;
// -1 stands for any size.
void check_shape(const char* name, const Tensor& tensor, std::initializer_list<int64_t> expected);

}  // namespace heed
