// The small parts that all models share.
#pragma once

#include <torch/nn/module.h>

#include <cstdint>
#include <string>

#include "kernels/activation.h"
#include "kernels/add_norm.h"
#include "kernels/packed_linear.h"
#include "model/seq2seq.h"

namespace heed {

// y = x W^T + b, weight [out, in], Xavier-uniform (Glorot and Bengio, 2010), bias zero.
struct LinearOptions {
  bool bias = true;
};
class Linear : public torch::nn::Module {
 public:
  Linear(int64_t in, int64_t out, const LinearOptions& options = {});
  // x [..., in] -> [..., out]
  Tensor operator()(const Tensor& x) const;
  // From here on multiplies with the weight packed, for translation alone: no gradients, and no
  // word of later changes to the weight.
  void pack(kernels::Packing packing);
  const kernels::PackedLinear* packed() const { return packed_.get(); }  // null: not packed
  Tensor weight, bias;

 private:
  std::shared_ptr<const kernels::PackedLinear> packed_;
};

// Layer normalisation (Ba et al., 2016) over the last dimension, of size H.
class LayerNorm : public torch::nn::Module {
 public:
  explicit LayerNorm(int64_t size);
  Tensor operator()(const Tensor& x) const;
  kernels::Norm rows() const;  // for kernels on plain float32
  Tensor weight, bias;
};

// A table of vectors [V, E], drawn from N(0, 1 / E).
class Embedding : public torch::nn::Module {
 public:
  Embedding(int64_t vocabulary, int64_t size);
  Tensor weight;  // for kernels::embed
};

// W2 dropout(activation(W1 x)) (Vaswani et al., 2017, equation 2).
class FeedForward : public torch::nn::Module {
 public:
  explicit FeedForward(const ModelConfig& config);
  // x [..., H] -> [..., H]
  Tensor operator()(const Tensor& x) const;
  const Linear& inner() const { return *inner_; }
  const Linear& outer() const { return *outer_; }
  kernels::Activation activation() const { return activation_; }

 private:
  std::shared_ptr<Linear> inner_, outer_;
  kernels::Activation activation_;
  double dropout_;
};

// The model's embedding and output tables: tied or not, as model.tie_* say.
class Vocabulary : public torch::nn::Module {
 public:
  Vocabulary(const ModelConfig& config, const VocabularySizes& sizes, int64_t embedding_size,
             int64_t output_size);
  // The logits [R, V] of states [R, H], as the decoder's state wants them.
  StepOutput project(const Tensor& states, const DecoderState& state) const;
  // The projection to some pieces alone; null where it is not packed.
  std::shared_ptr<const kernels::PackedLinear> offer(std::span<const int32_t> pieces) const;
  void pack(kernels::Packing packing);
  std::shared_ptr<Embedding> source, target;
  Tensor output_weight, output_bias;  // [V, H], [V]

 private:
  std::shared_ptr<const kernels::PackedLinear> packed_;
};

// Linear::pack for all linear layers below `model`, and the same for its output projection. Expects
// float32 weights on the CPU.
void pack(torch::nn::Module& model, kernels::Packing packing);

// Zeroes elements with probability p and scales the rest by 1 / (1 - p); x itself where not
// training.
Tensor dropout(const Tensor& x, double p, const torch::nn::Module& module);

// embedding_dropout, or dropout where that is -1.
double embedding_dropout(const ModelConfig& config);

// Width of embeddings: embedding_size, or hidden_size where that is 0.
int64_t embedding_size(const ModelConfig& config);
int64_t decoder_layers(const ModelConfig& config);

// A matrix [rows, columns] registered with `module`, Xavier-uniform.
Tensor make_matrix(torch::nn::Module& module, const std::string& name, int64_t rows,
                   int64_t columns);
Tensor make_zeros(torch::nn::Module& module, const std::string& name, int64_t size);

}  // namespace heed
