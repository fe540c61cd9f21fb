// The small parts that all models share.
#pragma once

#include <torch/nn/module.h>

#include <cstdint>
#include <functional>
#include <string>

#include "config/model_config.h"
#include "kernels/activation.h"
#include "kernels/add_norm.h"
#include "kernels/packed_linear.h"
#include "model/seq2seq.h"

namespace heed {

// While one lives, its thread makes layers whose weights have their shapes alone, no numbers and no
// memory: they are read from elsewhere.
class WithoutWeights {
 public:
  WithoutWeights();
  ~WithoutWeights();
  WithoutWeights(const WithoutWeights&) = delete;
  static bool any();  // whether this thread has one
};

// y = x W^T + b, weight [out, in], Xavier-uniform (Glorot and Bengio, 2010), bias zero.
struct LinearOptions {
  bool bias = true;
};
class Linear : public torch::nn::Module {
 public:
  Linear(int64_t in, int64_t out, const LinearOptions& options = {});
  // x [..., in] -> [..., out]
  Tensor operator()(const Tensor& x) const;
  // Lays `new_weight` and `new_bias` out for inference in place of the layer's own, which it gives
  // back to the system: no gradients from here on. Throws Error for weights of another shape.
  void pack(const Tensor& new_weight, const Tensor& new_bias, kernels::Packing packing);
  const kernels::PackedLinear* packed() const { return packed_.get(); }  // null: not packed
  torch::TensorOptions options() const;  // of what it makes of float32 rows
  // [out, in] and [out]. Undefined once packed, unless there are fewer than 16 outputs.
  Tensor weight, bias;

 private:
  std::shared_ptr<const kernels::PackedLinear> packed_;
};

// Layer normalisation (Ba et al., 2016) over the last dimension, of size H.
class LayerNorm : public torch::nn::Module {
 public:
  explicit LayerNorm(const ModelConfig& config);
  Tensor operator()(const Tensor& x) const;
  kernels::NormTensors tensors() const { return {weight, bias, epsilon_}; }
  kernels::Norm rows() const;  // for kernels on plain float32
  Tensor weight, bias;

 private:
  double epsilon_;
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

struct OutputProjection {
  Tensor weight, bias;  // [V, H], [V]: logits = states * weight^T + bias
};

// The model's embedding and output tables: tied or not, as model.tie_* say.
class VocabularyTables : public torch::nn::Module {
 public:
  VocabularyTables(const ModelConfig& config, const VocabularySizes& sizes, int64_t embedding_size,
                   int64_t output_size);
  // The output projection for a compiled model, which holds it elsewhere: nothing of it is left
  // here but what is tied to an embedding.
  OutputProjection release_output();
  std::shared_ptr<Embedding> source, target;
  Tensor output_weight, output_bias;  // as OutputProjection says
};

// Dropout: zeroes elements with probability p and scales the others by 1 / (1 - p). Returns x
// unchanged outside training.
Tensor dropout(const Tensor& x, double p, const torch::nn::Module& module);

// embedding_dropout, or dropout where that is -1.
double embedding_dropout(const ModelConfig& config);

// Width of embeddings: embedding_size, or hidden_size where that is 0.
int64_t embedding_size(const ModelConfig& config);
int64_t decoder_layers(const ModelConfig& config);

// A parameter of `module` filled by `draw`, which WithoutWeights leaves out.
Tensor make_parameter(torch::nn::Module& module, const std::string& name, at::IntArrayRef sizes,
                      const std::function<void(Tensor&)>& draw);
// A matrix [rows, columns] of `module`, Xavier-uniform; a vector of zeros.
Tensor make_matrix(torch::nn::Module& module, const std::string& name, int64_t rows,
                   int64_t columns);
Tensor make_zeros(torch::nn::Module& module, const std::string& name, int64_t size);

}  // namespace heed
