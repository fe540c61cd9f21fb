// Models and batches small enough for a test, and every architecture there is.
#pragma once

#include "kernels/torch.h"

#include <map>
#include <string>
#include <vector>

#include "config/options.h"
#include "data/sentences.h"
#include "model/seq2seq.h"

namespace heed::tiny {

// Products this small only lose by being shared out.
inline const bool kOneThread = (at::set_num_threads(1), true);

inline ModelConfig transformer_config() {
  ModelConfig config = default_config().model;
  config.architecture = "transformer";
  config.hidden_size = 8;
  config.feed_forward_size = 12;
  config.heads = 2;
  config.layers = 2;
  return config;
}

inline ModelConfig recurrent_config() {
  ModelConfig config = transformer_config();
  config.architecture = "recurrent";
  config.embedding_size = 6;
  return config;
}

struct NamedConfig {
  std::string name;
  ModelConfig config;
};

// Whether every source position has weight, and every parameter a gradient.
inline bool is_soft(const ModelConfig& config) {
  return config.attention_weights == "softmax" && config.attention_scope == "global" &&
         config.self_attention_weights == "softmax";
}

inline Tensor forward(const Seq2Seq& model, const BatchTensors& batch) {
  AttentionTrace trace;
  return model.forward(batch, trace);
}

// The kinds of attention beyond scaled dot products over everything.
inline std::vector<NamedConfig> attention_configs() {
  std::vector<NamedConfig> all;
  auto add = [&](const std::string& name, ModelConfig config, auto&& change) {
    change(config);
    all.push_back({name, config});
  };
  for (bool recurrent : {true, false}) {
    ModelConfig config = recurrent ? recurrent_config() : transformer_config();
    std::string prefix = recurrent ? "recurrent_" : "transformer_";
    for (const char* score : {"additive", "dot", "general", "concat", "tri", "trilinear"}) {
      add(prefix + score, config,
          [&](auto& c) { c.attention_score = *c.attention_score.find(score); });
    }
    for (const char* scope : {"local_m", "local_p"}) {
      add(prefix + scope, config, [&](auto& c) {
        c.attention_scope = *c.attention_scope.find(scope);
        c.attention_window = 2;
      });
    }
    for (int64_t chunk : {1, 3}) {
      add(prefix + "monotonic_" + std::to_string(chunk), config, [&](auto& c) {
        c.attention_scope = "monotonic";
        c.attention_chunk = chunk;
      });
    }
    for (const char* weights : {"sparsemax", "entmax15", "hard"}) {
      add(prefix + weights, config,
          [&](auto& c) { c.attention_weights = *c.attention_weights.find(weights); });
    }
  }
  for (const char* score : {"additive", "scaled_dot"}) {
    add(std::string("recurrent_coverage_") + score, recurrent_config(), [&](auto& c) {
      c.attention_score = *c.attention_score.find(score);
      c.coverage = true;
    });
  }
  add("recurrent_heads", recurrent_config(), [](auto& c) { c.attention_heads = 2; });
  add("recurrent_heads_everything", recurrent_config(), [](auto& c) {
    c.attention_heads = 4;
    c.decoder_order = "bahdanau";
    c.attention_score = "tri";
    c.coverage = true;
  });
  for (const char* kind : {"local", "linear"}) {
    add(std::string("transformer_self_") + kind, transformer_config(), [&](auto& c) {
      c.self_attention = *c.self_attention.find(kind);
      c.self_attention_window = 2;
    });
  }
  for (const char* positions : {"relative", "rotary"}) {
    add(std::string("transformer_") + positions, transformer_config(), [&](auto& c) {
      c.positions = *c.positions.find(positions);
      c.relative_reach = 2;
    });
  }
  add("transformer_self_sparse", transformer_config(),
      [](auto& c) { c.self_attention_weights = "entmax15"; });
  return all;
}

// Transformers as other toolkits have them.
inline std::vector<NamedConfig> foreign_configs() {
  ModelConfig post = transformer_config();
  post.norm = "post";
  post.sinusoids = "tensor2tensor";
  post.activation = "swish";
  post.norm_epsilon = 1e-3;
  post.decoder_start = "zero";
  ModelConfig pre = transformer_config();
  pre.positions = "learned";
  pre.activation = "quick_gelu";
  pre.scale_embeddings = false;
  pre.embedding_norm = true;
  pre.decoder_start = "zero";
  ModelConfig relative = transformer_config();
  relative.positions = "relative";
  relative.relative_reach = 2;
  relative.decoder_start = "zero";
  return {{"foreign_post", post}, {"foreign_pre", pre}, {"foreign_relative", relative}};
}

// One of each kind that decoding treats differently.
inline std::vector<NamedConfig> all_configs() {
  std::vector<NamedConfig> all;
  for (const char* norm : {"pre", "post"}) {
    for (const char* positions : {"sinusoidal", "learned"}) {
      for (bool tied : {true, false}) {
        ModelConfig config = transformer_config();
        config.norm = *config.norm.find(norm);
        config.positions = *config.positions.find(positions);
        config.tie_source_target = config.tie_softmax = tied;
        config.layers = tied ? 1 : 2;
        config.decoder_layers = tied ? 3 : 0;
        all.push_back({std::string(norm) + "_" + positions + (tied ? "_tied" : "_untied"), config});
      }
    }
  }
  int64_t layers = 1;
  for (const char* cell : {"gru", "lstm"}) {
    for (const char* order : {"luong", "luong_unfed", "bahdanau"}) {
      for (bool tied : {true, false}) {
        ModelConfig config = recurrent_config();
        config.cell = *config.cell.find(cell);
        config.input_feeding = order != std::string("luong_unfed");
        config.decoder_order =
            *config.decoder_order.find(order == std::string("bahdanau") ? "bahdanau" : "luong");
        config.tie_source_target = config.tie_softmax = tied;
        config.bridge = *config.bridge.find(tied ? "linear" : "none");
        config.layers = layers;
        config.decoder_layers = 4 - layers;
        layers = layers % 3 + 1;
        std::string name = std::string(cell) + "_" + order + (tied ? "_tied" : "_untied");
        all.push_back({name, config});
      }
    }
  }
  for (NamedConfig& config : attention_configs()) all.push_back(std::move(config));
  for (NamedConfig& config : foreign_configs()) all.push_back(std::move(config));
  return all;
}

// Fresh weights, larger than training begins with: near-uniform outputs would hide mistakes. Biases
// and norms are drawn too. In evaluation mode.
inline std::shared_ptr<Seq2Seq> random_model(const ModelConfig& config,
                                             VocabularySizes sizes = {kVocabulary, kVocabulary},
                                             uint64_t seed = 1) {
  torch::manual_seed(seed);
  auto model = make_model({config, sizes, 20});
  torch::NoGradGuard no_gradient;
  for (Tensor& parameter : model->parameters()) {
    parameter.add_(torch::randn_like(parameter) * 0.4);
  }
  model->eval();
  return model;
}

inline std::map<std::string, Tensor> named_weights(const Seq2Seq& model) {
  std::map<std::string, Tensor> weights;
  for (const auto& item : model.named_parameters()) weights[item.key()] = item.value().detach();
  return weights;
}

}  // namespace heed::tiny
