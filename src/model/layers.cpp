#include "model/layers.h"

#include <cmath>

#include "kernels/dropout.h"
#include "kernels/shared_gradient.h"

namespace heed {

Tensor make_matrix(torch::nn::Module& module, const std::string& name, int64_t rows,
                   int64_t columns) {
  Tensor matrix = torch::empty({rows, columns});
  torch::nn::init::xavier_uniform_(matrix);
  return module.register_parameter(name, matrix);
}

Tensor make_zeros(torch::nn::Module& module, const std::string& name, int64_t size) {
  return module.register_parameter(name, torch::zeros({size}));
}

Linear::Linear(int64_t in, int64_t out, const LinearOptions& options) {
  weight = make_matrix(*this, "weight", out, in);
  if (options.bias) bias = make_zeros(*this, "bias", out);
}

Tensor Linear::operator()(const Tensor& x) const {
  return packed_ ? (*packed_)(x) : kernels::linear(x, weight, bias);
}

void Linear::pack(kernels::Packing packing) {
  constexpr int64_t kNarrow = 16;  // fewer outputs gain nothing by 8 bits
  if (packing == kernels::Packing::kInt8 && weight.size(0) < kNarrow) return;
  packed_ = kernels::pack(weight, bias, packing);
}

LayerNorm::LayerNorm(int64_t size) {
  weight = register_parameter("weight", torch::ones({size}));
  bias = make_zeros(*this, "bias", size);
}

Tensor LayerNorm::operator()(const Tensor& x) const {
  return torch::layer_norm(x, {weight.size(0)}, weight, bias);
}

kernels::Norm LayerNorm::rows() const {
  return {weight.const_data_ptr<float>(), bias.const_data_ptr<float>()};
}

Embedding::Embedding(int64_t vocabulary, int64_t size) {
  double deviation = 1.0 / std::sqrt(static_cast<double>(size));
  weight = register_parameter("weight", torch::randn({vocabulary, size}) * deviation);
}

FeedForward::FeedForward(const ModelConfig& config)
    : inner_(register_module(
          "inner", std::make_shared<Linear>(config.hidden_size, config.feed_forward_size))),
      outer_(register_module(
          "outer", std::make_shared<Linear>(config.feed_forward_size, config.hidden_size))),
      activation_(config.activation == "gelu" ? kernels::Activation::kGelu
                                              : kernels::Activation::kRelu),
      dropout_(config.feed_forward_dropout) {}

Tensor FeedForward::operator()(const Tensor& x) const {
  double p = is_training() ? dropout_ : 0;
  return (*outer_)(kernels::activation_dropout((*inner_)(x), activation_, p));
}

Vocabulary::Vocabulary(const ModelConfig& config, const VocabularySizes& sizes,
                       int64_t embedding_size, int64_t output_size) {
  source = register_module("source", std::make_shared<Embedding>(sizes.source, embedding_size));
  target =
      config.tie_source_target
          ? source
          : register_module("target", std::make_shared<Embedding>(sizes.target, embedding_size));
  output_weight = config.tie_softmax
                      ? target->weight
                      : make_matrix(*this, "output_weight", sizes.target, output_size);
  output_bias = make_zeros(*this, "output_bias", sizes.target);
}

StepOutput Vocabulary::project(const Tensor& states, const DecoderState& state) const {
  StepOutput output;
  output.projection = state.offered ? state.offered : packed_;
  if (output.projection && !state.wants_logits) {
    output.states = states;
  } else {
    output.logits = output.projection ? (*output.projection)(states)
                                      : torch::linear(states, output_weight, output_bias);
  }
  return output;
}

std::shared_ptr<const kernels::PackedLinear> Vocabulary::offer(
    std::span<const int32_t> pieces) const {
  return packed_ ? packed_->select(pieces) : nullptr;
}

void Vocabulary::pack(kernels::Packing packing) {
  packed_ = kernels::pack(output_weight, output_bias, packing);
}

void pack(torch::nn::Module& model, kernels::Packing packing) {
  for (const auto& module : model.modules()) {
    if (auto* linear = dynamic_cast<Linear*>(module.get())) linear->pack(packing);
    if (auto* vocabulary = dynamic_cast<Vocabulary*>(module.get())) vocabulary->pack(packing);
  }
}

Tensor dropout(const Tensor& x, double p, const torch::nn::Module& module) {
  return module.is_training() && p > 0 ? kernels::dropout(x, p) : x;
}

double embedding_dropout(const ModelConfig& config) {
  return config.embedding_dropout < 0 ? config.dropout : config.embedding_dropout;
}

int64_t embedding_size(const ModelConfig& config) {
  return config.embedding_size == 0 ? config.hidden_size : config.embedding_size;
}

int64_t decoder_layers(const ModelConfig& config) {
  return config.decoder_layers == 0 ? config.layers : config.decoder_layers;
}

}  // namespace heed
