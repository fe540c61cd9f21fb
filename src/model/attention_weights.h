// How scores become weights: the kinds of model.attention_weights.
#pragma once

#include <memory>
#include <string>

#include "model/seq2seq.h"

namespace heed {

struct WeightsResult {
  Tensor weights;  // [N, T, S]: each row sums to 1 (a window or a gate may then take some away)
  // Of weights that were drawn in training: log P of what was drawn and the entropy of what it was
  // drawn from, [N, T] float32, in nats; undefined elsewhere.
  Tensor log_probability, entropy;
};

enum class Phase { kTraining, kEvaluation };

// scores [N, T, S], -inf where there is nothing to attend to. Each kind is one class in
// attention_weights.cpp and one row of the table there.
class AttentionWeights {
 public:
  virtual ~AttentionWeights() = default;
  virtual WeightsResult operator()(const Tensor& scores, Phase phase) const = 0;
  // Whether kinds that draw do so in training; off, they are soft there.
  virtual void set_drawing(bool) {}
};

// The one of model.attention_weights or model.self_attention_weights.
std::unique_ptr<AttentionWeights> make_attention_weights(WeightsKind kind,
                                                         const ModelConfig& config);

// Euclidean projection onto the simplex over the last dimension (Martins and Astudillo, 2016,
// algorithm 1), with its exact gradient (section 2.5).
Tensor sparsemax(const Tensor& scores);
// 1.5-entmax over the last dimension by sorting (Peters et al., 2019, algorithm 2), with its exact
// gradient (proposition 2).
Tensor entmax15(const Tensor& scores);

}  // namespace heed
