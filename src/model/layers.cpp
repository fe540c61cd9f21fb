#include "model/layers.h"

#include <cmath>
#include <utility>

#include "kernels/dropout.h"
#include "kernels/shared_gradient.h"
#include "util/error.h"

namespace heed {

namespace {

thread_local int without_weights = 0;  // how many WithoutWeights live

}  // namespace

WithoutWeights::WithoutWeights() { ++without_weights; }
WithoutWeights::~WithoutWeights() { --without_weights; }
bool WithoutWeights::any() { return without_weights > 0; }

Tensor make_parameter(torch::nn::Module& module, const std::string& name, at::IntArrayRef sizes,
                      const std::function<void(Tensor&)>& draw) {
  // A stand-in of the right shape takes no memory.
  if (WithoutWeights::any()) {
    return module.register_parameter(name, torch::empty({1}).expand(sizes));
  }
  Tensor tensor = torch::empty(sizes);
  draw(tensor);
  return module.register_parameter(name, tensor);
}

Tensor make_matrix(torch::nn::Module& module, const std::string& name, int64_t rows,
                   int64_t columns) {
  return make_parameter(module, name, {rows, columns},
                        [](Tensor& matrix) { torch::nn::init::xavier_uniform_(matrix); });
}

Tensor make_zeros(torch::nn::Module& module, const std::string& name, int64_t size) {
  return make_parameter(module, name, {size}, [](Tensor& vector) { vector.zero_(); });
}

Linear::Linear(int64_t in, int64_t out, const LinearOptions& options) {
  weight = make_matrix(*this, "weight", out, in);
  if (options.bias) bias = make_zeros(*this, "bias", out);
}

Tensor Linear::operator()(const Tensor& x) const {
  return packed_ ? (*packed_)(x) : kernels::linear(x, weight, bias);
}

void Linear::pack(const Tensor& new_weight, const Tensor& new_bias, kernels::Packing packing) {
  check_shape("weight to pack", new_weight, {weight.size(0), weight.size(1)});
  constexpr int64_t kNarrow = 16;  // fewer outputs gain nothing by 8 bits
  bool narrow = weight.size(0) < kNarrow;
  if (!narrow || packing != kernels::Packing::kInt8) {
    packed_ = kernels::pack(new_weight, new_bias, packing);
  }
  parameters_.clear();
  weight = narrow ? new_weight : Tensor();
  bias = narrow ? new_bias : Tensor();
}

torch::TensorOptions Linear::options() const {
  return packed_ ? torch::TensorOptions(torch::kFloat32) : weight.options();
}

LayerNorm::LayerNorm(const ModelConfig& config) : epsilon_(config.norm_epsilon) {
  int64_t size = config.hidden_size;
  weight = make_parameter(*this, "weight", {size}, [](Tensor& vector) { vector.fill_(1); });
  bias = make_zeros(*this, "bias", size);
}

Tensor LayerNorm::operator()(const Tensor& x) const {
  return torch::layer_norm(x, {weight.size(0)}, weight, bias, epsilon_);
}

kernels::Norm LayerNorm::rows() const {
  return {weight.const_data_ptr<float>(), bias.const_data_ptr<float>(),
          static_cast<float>(epsilon_)};
}

Embedding::Embedding(int64_t vocabulary, int64_t size) {
  double deviation = 1.0 / std::sqrt(static_cast<double>(size));
  weight = make_parameter(*this, "weight", {vocabulary, size}, [&](Tensor& table) {
    table.copy_(torch::randn({vocabulary, size}) * deviation);
  });
}

namespace {

kernels::Activation activation_of(Activation name) {
  if (name == "gelu") return kernels::Activation::kGelu;
  if (name == "quick_gelu") return kernels::Activation::kQuickGelu;
  if (name == "swish") return kernels::Activation::kSwish;
  return kernels::Activation::kRelu;
}

}  // namespace

FeedForward::FeedForward(const ModelConfig& config)
    : inner_(register_module(
          "inner", std::make_shared<Linear>(config.hidden_size, config.feed_forward_size))),
      outer_(register_module(
          "outer", std::make_shared<Linear>(config.feed_forward_size, config.hidden_size))),
      activation_(activation_of(config.activation)),
      dropout_(config.feed_forward_dropout) {}

Tensor FeedForward::operator()(const Tensor& x) const {
  double p = is_training() ? dropout_ : 0;
  return (*outer_)(kernels::activation_dropout((*inner_)(x), activation_, p));
}

VocabularyTables::VocabularyTables(const ModelConfig& config, const VocabularySizes& sizes,
                                   int64_t embedding_size, int64_t output_size) {
  if (config.tie_source_target && sizes.source != sizes.target) {
    fail(
        "[model] tie_source_target = true: one embedding for both sides, but the source vocabulary "
        "has {} pieces and the target's {}",
        sizes.source, sizes.target);
  }
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

OutputProjection VocabularyTables::release_output() {
  parameters_.clear();
  return {std::exchange(output_weight, {}), std::exchange(output_bias, {})};
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
