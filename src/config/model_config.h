// Section [model] of the configuration; options.cpp says what each field means.
#pragma once

#include <cstdint>
#include <string>

namespace heed {

struct ModelConfig {
  std::string architecture;
  int64_t hidden_size, embedding_size, feed_forward_size;
  int64_t layers, decoder_layers, heads;
  double dropout, embedding_dropout, attention_dropout, feed_forward_dropout;
  std::string norm, positions, sinusoids, activation;
  double norm_epsilon;
  bool scale_embeddings, embedding_norm;
  std::string decoder_start;
  bool tie_source_target, tie_softmax;
  std::string cell, decoder_order;
  bool input_feeding;
  std::string bridge;
  std::string attention_score, attention_scope, attention_weights;
  int64_t attention_size, attention_heads, attention_window, attention_chunk;
  std::string hard_estimator;
  double hard_share, hard_temperature;
  bool coverage;
  std::string self_attention, self_attention_weights;
  int64_t self_attention_window, relative_reach;
};

}  // namespace heed
