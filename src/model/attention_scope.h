// Which source positions a target position may attend to: the kinds of model.attention_scope.
#pragma once

#include <torch/nn/module.h>

#include <memory>
#include <string>

#include "model/attention_score.h"
#include "model/attention_weights.h"

namespace heed {

// Target position of the i-th query: first + i in teacher forcing; `first` for all hypotheses of a
// step.
struct TargetPositions {
  int64_t first = 0;
  bool advancing = true;
};

// What a scope sees of a batch. N is B * A.
struct ScopeInput {
  const Tensor& queries;  // [N, T, Hq]
  const Tensor& scores;   // [N, T, S], -inf on padding
  const Tensor& memory;   // what prepare() made
  const Tensor& padding;  // [N, 1, S], may be undefined
  TargetPositions positions;
};

// scores -> weights [N, T, S]. Each kind is one class in attention_scope.cpp and one row of the
// table there.
class AttentionScope : public torch::nn::Module {
 public:
  // Whether a target position's weights depend on those of the one before, which are then given as
  // `previous` [N, T, S] and replaced.
  virtual bool sequential() const { return false; }
  // What depends on the source alone: keys [N, S, Hk] -> [N, S, *] or undefined.
  virtual Tensor prepare(const Tensor& /*keys*/, const Tensor& /*padding*/) const { return {}; }
  virtual WeightsResult weigh(const ScopeInput& input, const AttentionWeights& weights,
                              Tensor& previous) const = 0;

 protected:
  Phase phase() const { return is_training() ? Phase::kTraining : Phase::kEvaluation; }
};

// The one of model.attention_scope.
std::shared_ptr<AttentionScope> make_attention_scope(const ModelConfig& config,
                                                     const AttentionSizes& sizes);

}  // namespace heed
