// A Transformer's weights by their parts, as other toolkits name them; heed's own names stand in
// src/model.
#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <vector>

#include "config/model_config.h"

namespace heed {

using Weights = std::map<std::string, at::Tensor>;  // by heed's names, float32

enum class Part { kSelfAttention, kCrossAttention, kFeedForward };
struct Sublayer {
  bool decoder;
  int64_t layer;  // from 0
  Part part;

  bool is_attention() const { return part != Part::kFeedForward; }
  std::string name() const;  // of heed's module: "decoder_0.cross_attention"
  std::string norm() const;  // of the norm that belongs to it: "decoder_0.cross_norm"
};
// All of a model's, the encoder's first.
std::vector<Sublayer> sublayers_of(const ModelConfig& config);

struct LinearWeights {
  at::Tensor weight, bias;  // [out, in], [out]
};
// What attention projects: heed keeps those of the same input as one matrix.
struct AttentionProjections {
  LinearWeights query, key, value, output;
};
void put_linear(Weights& weights, const std::string& name, const LinearWeights& linear);
void put_attention(Weights& weights, const Sublayer& sublayer, const AttentionProjections& all);
LinearWeights linear_of(const Weights& weights, const std::string& name);
AttentionProjections attention_of(const Weights& weights, const Sublayer& sublayer);

// Names of the rest. Where source and target share a table, the target's is the source's.
std::string embedding_name(const ModelConfig& config, bool decoder);
std::string positions_name(bool decoder);
std::string embedding_norm_name(bool decoder);
std::string final_norm_name(bool decoder);
inline constexpr const char* kOutputWeight = "vocabulary.output_weight";
inline constexpr const char* kOutputBias = "vocabulary.output_bias";

// The table of positions that both sides' pieces are moved by: learned, or `length` sinusoids.
at::Tensor position_table(const ModelConfig& config, const Weights& weights, bool decoder,
                          int64_t length);

}  // namespace heed
