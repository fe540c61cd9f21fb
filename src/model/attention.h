// Attention for recurrent decoders: one head, a choice of scores.
#pragma once

#include <torch/nn/module.h>

#include <functional>
#include <memory>

#include "model/seq2seq.h"

namespace heed {

// score(query, key): how well a source position fits the decoder's state. Each kind is one class in
// attention.cpp and one row of its table there.
class AttentionScore : public torch::nn::Module {
 public:
  // What depends on the source alone: keys [B, S, Hk] -> [B, S, *], computed once a sentence.
  virtual Tensor prepare(const Tensor& keys) const = 0;
  // queries [B, T, Hq], prepared keys -> scores [B, T, S]
  virtual Tensor score(const Tensor& queries, const Tensor& prepared) const = 0;
};

struct AttentionSizes {
  int64_t query;      // Hq, the decoder's width
  int64_t key;        // Hk, the encoder's width
  int64_t attention;  // inner width of additive and concat
};

std::shared_ptr<AttentionScore> make_attention_score(const std::string& kind,
                                                     const AttentionSizes& sizes);

// The source, ready to be attended to.
struct AttentionMemory {
  Tensor values;    // [B, S, Hk]
  Tensor prepared;  // the score's own
  Tensor padding;   // [B, 1, S], may be undefined
};

struct AttentionResult {
  Tensor context;  // [B, T, Hk]: values averaged by the weights
  Tensor weights;  // [B, T, S]: each row sums to 1
};

// score -> weights -> context. The kinds come from model.attention_score, attention_scope and
// attention_weights.
class Attention : public torch::nn::Module {
 public:
  Attention(const ModelConfig& config, const AttentionSizes& sizes);
  AttentionMemory prepare(const Tensor& values, const Tensor& padding) const;
  // queries [B, T, Hq]
  AttentionResult operator()(const Tensor& queries, const AttentionMemory& memory) const;

 private:
  std::shared_ptr<AttentionScore> score_;
  std::function<Tensor(const Tensor& scores)> weights_;
  double dropout_;
};

}  // namespace heed
