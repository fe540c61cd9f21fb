#include "exchange/transformer_parts.h"

#include "kernels/torch.h"

#include "model/layers.h"
#include "model/positions.h"

namespace heed {
namespace {

std::string side(bool decoder) { return decoder ? "decoder" : "encoder"; }

}  // namespace

std::string Sublayer::name() const {
  std::string prefix = side(decoder) + "_" + std::to_string(layer) + ".";
  if (part == Part::kFeedForward) return prefix + "feed_forward";
  return prefix + (part == Part::kSelfAttention ? "self_attention" : "cross_attention");
}

std::string Sublayer::norm() const {
  std::string prefix = side(decoder) + "_" + std::to_string(layer) + ".";
  if (part == Part::kFeedForward) return prefix + "feed_forward_norm";
  return prefix + (part == Part::kSelfAttention ? "self_norm" : "cross_norm");
}

std::vector<Sublayer> sublayers_of(const ModelConfig& config) {
  std::vector<Sublayer> all;
  for (int64_t i = 0; i < config.layers; ++i) {
    all.push_back({false, i, Part::kSelfAttention});
    all.push_back({false, i, Part::kFeedForward});
  }
  for (int64_t i = 0; i < decoder_layers(config); ++i) {
    all.push_back({true, i, Part::kSelfAttention});
    all.push_back({true, i, Part::kCrossAttention});
    all.push_back({true, i, Part::kFeedForward});
  }
  return all;
}

void put_linear(Weights& weights, const std::string& name, const LinearWeights& linear) {
  weights[name + ".weight"] = linear.weight;
  weights[name + ".bias"] = linear.bias;
}

LinearWeights linear_of(const Weights& weights, const std::string& name) {
  return {weights.at(name + ".weight"), weights.at(name + ".bias")};
}

void put_attention(Weights& weights, const Sublayer& sublayer, const AttentionProjections& all) {
  std::string name = sublayer.name();
  auto put_joined = [&](const std::string& part, std::initializer_list<LinearWeights> parts) {
    std::vector<at::Tensor> matrices, biases;
    for (const LinearWeights& one : parts) {
      matrices.push_back(one.weight);
      biases.push_back(one.bias);
    }
    put_linear(weights, name + part, {torch::cat(matrices), torch::cat(biases)});
  };
  if (sublayer.part == Part::kSelfAttention) {
    put_joined(".query_key_value", {all.query, all.key, all.value});
  } else {
    put_linear(weights, name + ".query", all.query);
    put_joined(".key_value", {all.key, all.value});
  }
  put_linear(weights, name + ".output", all.output);
}

AttentionProjections attention_of(const Weights& weights, const Sublayer& sublayer) {
  std::string name = sublayer.name();
  auto split = [&](const std::string& part, int64_t count) {
    LinearWeights joined = linear_of(weights, name + part);
    auto matrices = joined.weight.chunk(count), biases = joined.bias.chunk(count);
    std::vector<LinearWeights> parts;
    for (int64_t i = 0; i < count; ++i) parts.push_back({matrices[i], biases[i]});
    return parts;
  };
  LinearWeights output = linear_of(weights, name + ".output");
  if (sublayer.part == Part::kSelfAttention) {
    auto parts = split(".query_key_value", 3);
    return {parts[0], parts[1], parts[2], output};
  }
  auto parts = split(".key_value", 2);
  return {linear_of(weights, name + ".query"), parts[0], parts[1], output};
}

std::string embedding_name(const ModelConfig& config, bool decoder) {
  return decoder && !config.tie_source_target ? "vocabulary.target.weight"
                                              : "vocabulary.source.weight";
}
std::string positions_name(bool decoder) {
  return decoder ? "target_embedding.positions" : "source_embedding.positions";
}
std::string embedding_norm_name(bool decoder) {
  return decoder ? "target_embedding.norm" : "source_embedding.norm";
}
std::string final_norm_name(bool decoder) { return side(decoder) + "_norm"; }

at::Tensor position_table(const ModelConfig& config, const Weights& weights, bool decoder,
                          int64_t length) {
  return config.positions == "learned" ? weights.at(positions_name(decoder))
                                       : sinusoids(config, length);
}

}  // namespace heed
