// Attention to the source, of recurrent decoders and of the Transformer alike: score -> scope ->
// weights -> context. The kinds come from model.attention_score, attention_scope and
// attention_weights, and any combination that has a meaning works.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "kernels/recurrent_step.h"
#include "model/attention_scope.h"
#include "model/attention_score.h"
#include "model/attention_weights.h"
#include "model/layers.h"

namespace heed {

// The source, ready to be attended to, by sentence and head.
struct AttentionMemory {
  Tensor values;    // [B, A, S, Dv]
  Tensor prepared;  // [B, A, S, *]: the score's own; undefined where `keys` is there
  Tensor scope;     // [B, A, S, *]: the scope's own, may be undefined
  Tensor padding;   // [B, 1, 1, S]: 0 or -inf, may be undefined
  // For the kernel of steps (kernels/attention_step.h), undefined for others: [N, A, D, S'], with
  // values [N, A, S, Dv] and padding [N, 1, 1, S], of all sentences that there were at first;
  // `sentences` [B] int32 are those that are still there. They are never moved.
  Tensor keys, sentences;

  int64_t batch() const { return keys.defined() ? sentences.size(0) : values.size(0); }
  void keep(const Tensor& kept);  // these of its sentences, [B'] int64
};

// What one target position hands to the next; a tensor is undefined where the kind needs it not.
struct AttentionState {
  Tensor previous;  // [R, A, S]: the weights of the position before, R = B * K
  Tensor coverage;  // [R, A, S]: the sum of the weights of all positions before

  void keep(const Tensor& rows);  // these of its rows, [R'] int64
};

struct AttentionResult {
  Tensor context;  // [B, T, Hv]: values averaged by the weights
  Tensor weights;  // [B, A, T, S]
  // [B, T] float32, heads added up; undefined where the kind has none: see WeightsResult, and
  // sum_s min(weight, coverage) (See et al., 2017, equation 12).
  Tensor log_probability, entropy, coverage_loss;
};

// A part of the results of one target position each, as that of all; `dimension` is the part's T.
// Undefined where the kind of attention has no such part.
Tensor join_steps(const std::vector<AttentionResult>& steps, Tensor AttentionResult::*part,
                  int64_t dimension);

struct AttentionShape {
  int64_t query, key;  // Hq and Hk, widths of queries and of source states
  int64_t heads = 1;   // A
  // Whether queries, keys, values and the context are projected (Vaswani et al., 2017, section
  // 3.2.2) to the width of the queries; one head may do without.
  bool projected = false;
};

class Attention : public torch::nn::Module {
 public:
  Attention(const ModelConfig& config, const AttentionShape& shape);
  // states [B, S, Hk], padding [B, 1, S] or undefined. Computed once a sentence.
  AttentionMemory prepare(const Tensor& states, const Tensor& padding) const;
  // The same for `step` alone, laid out for its kernel where that does this kind of attention.
  AttentionMemory prepare_steps(const Tensor& states, const Tensor& padding) const;
  // Before the first target position, K = 1.
  AttentionState start(const AttentionMemory& memory) const;
  // Teacher forcing, from the first target position: queries [B, T, Hq].
  AttentionResult operator()(const Tensor& queries, const AttentionMemory& memory) const;
  // One step at target position `position`: queries [B, K, Hq], one a hypothesis. The memory is
  // never copied for them.
  AttentionResult step(const Tensor& queries, const AttentionMemory& memory, int64_t position,
                       AttentionState& state) const;
  // Soft-max of (scaled) products over all of the source, projected: the kind whose teacher forcing
  // is one kernel where its weights are not wanted. queries [B, T, Hq], states and padding as
  // above -> the context [B, T, Hq].
  bool is_plain() const { return plain_scale_ > 0; }
  Tensor context(const Tensor& queries, const Tensor& states, const Tensor& padding) const;
  kernels::StepShape plain_shape() const { return {heads_, plain_scale_}; }
  // Soft-max over all of the source as a step on plain memory does it (kernels/recurrent_step.h),
  // its layers as they are packed; nothing for other kinds, and where a layer is not packed. Valid
  // as long as this is.
  std::optional<kernels::StepAttention> packed_step() const;
  const Linear& query_layer() const { return *query_; }
  const Linear& output_layer() const { return *output_; }
  void set_drawing(bool drawing) { weights_->set_drawing(drawing); }

 private:
  // queries [B * A, T, D]; previous and coverage [B * A, T, S]
  AttentionResult attend(const Tensor& queries, const AttentionMemory& memory,
                         TargetPositions positions, Tensor& previous, Tensor& coverage) const;
  // scores -> scope -> weights -> context, whatever their kinds; the context is [N, T, D].
  AttentionResult weigh(const Tensor& queries, const AttentionMemory& memory,
                        TargetPositions positions, Tensor& previous, Tensor& coverage) const;
  // Whether the fused kernel does all of that.
  bool has_fused(const Tensor& queries) const;
  AttentionResult weigh_fused(const Tensor& queries, const AttentionMemory& memory) const;
  // A step of the common kind, a soft-max of products over all of the source, by its kernel: where
  // the memory has keys for it.
  AttentionResult plain_step(const Tensor& queries, const AttentionMemory& memory) const;
  Tensor project(const Tensor& queries) const;

  int64_t heads_;
  double dropout_;
  bool coverage_;
  bool soft_and_global_;  // and no coverage
  double plain_scale_;    // of dot products between projections where also so; else 0
  std::shared_ptr<Linear> query_, key_value_, output_;  // where projected
  std::shared_ptr<AttentionScore> score_;
  std::shared_ptr<AttentionScope> scope_;
  std::unique_ptr<AttentionWeights> weights_;
};

}  // namespace heed
