// Section [model] of the configuration; options.cpp says what each field means.
#pragma once

#include <cstdint>

#include "config/choice.h"

namespace heed {

using Activation = Choice<"relu", "gelu", "quick_gelu", "swish">;
using RecurrentCell = Choice<"gru", "lstm">;
using ScoreKind = Choice<"additive", "dot", "scaled_dot", "general", "concat", "tri", "trilinear">;
using ScopeKind = Choice<"global", "local_m", "local_p", "monotonic">;
using WeightsKind = Choice<"softmax", "hard", "sparsemax", "entmax15">;
using SelfAttentionKind = Choice<"full", "local", "linear">;

struct ModelConfig {
  Choice<"recurrent", "transformer"> architecture;
  int64_t hidden_size, embedding_size, feed_forward_size;
  int64_t layers, decoder_layers, heads;
  double dropout, embedding_dropout, attention_dropout, feed_forward_dropout;
  Choice<"pre", "post"> norm;
  Choice<"sinusoidal", "learned", "relative", "rotary"> positions;
  Choice<"interleaved", "halves", "tensor2tensor"> sinusoids;
  Activation activation;
  double norm_epsilon;
  bool scale_embeddings, embedding_norm;
  Choice<"begin", "zero"> decoder_start;
  bool tie_source_target, tie_softmax;
  RecurrentCell cell;
  Choice<"luong", "bahdanau"> decoder_order;
  bool input_feeding;
  Choice<"linear", "none"> bridge;
  ScoreKind attention_score;
  ScopeKind attention_scope;
  WeightsKind attention_weights;
  int64_t attention_size, attention_heads, attention_window, attention_chunk;
  Choice<"score_function", "gumbel"> hard_estimator;
  double hard_share, hard_temperature;
  bool coverage;
  SelfAttentionKind self_attention;
  Choice<"softmax", "sparsemax", "entmax15"> self_attention_weights;
  int64_t self_attention_window, relative_reach;
};

}  // namespace heed
