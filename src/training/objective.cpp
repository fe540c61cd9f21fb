#include "training/objective.h"

#include <cmath>
#include <functional>
#include <map>

#include "model/noise.h"
#include "training/consistency.h"
#include "training/minimum_risk.h"
#include "util/error.h"

namespace heed {

BatchLoss& BatchLoss::operator+=(const BatchLoss& other) {
  smoothed_sum += other.smoothed_sum;
  log_likelihood += other.log_likelihood;
  tokens += other.tokens;
  return *this;
}

std::unique_ptr<Objective> make_objective(const TrainingConfig& config,
                                          const Tokenizers& tokenizers) {
  using Made = std::unique_ptr<Objective>;
  using Maker = std::function<Made(const TrainingConfig&)>;
  const std::map<ObjectiveKind, Maker> table = {
      {ObjectiveKind("cross_entropy"),
       [](const auto& c) -> Made { return std::make_unique<CrossEntropy>(c); }},
      {ObjectiveKind("r_drop"), make_r_drop},
      {ObjectiveKind("simcut"), make_simcut},
      {ObjectiveKind("minimum_risk"),
       [&](const auto& c) { return make_minimum_risk(c, tokenizers); }},
  };
  return table.at(config.objective)(config);
}

CrossEntropy::CrossEntropy(const TrainingConfig& config)
    : options_{.smoothing = config.label_smoothing,
               .entropy_weight = config.attention_entropy,
               .coverage_weight = config.coverage_loss,
               .alignment_weight = config.guided_alignment_weight},
      word_dropout_(config.word_dropout) {}

BatchTensors CrossEntropy::prepare(const Seq2Seq& model, const Batch& part, Draws draws) const {
  begin_draws(draws);
  BatchTensors tensors = to_tensors(part, model.options());
  cut_pieces(tensors, word_dropout_);
  return tensors;
}

Loss CrossEntropy::loss(const Seq2Seq& model, const Batch& part, Draws draws) const {
  return compute_loss(model, prepare(model, part, draws), options_);
}

void CrossEntropy::remember(const BatchLoss& loss) {
  double reward = loss.log_likelihood / loss.tokens, &baseline = options_.reward_baseline;
  if (std::isfinite(reward)) baseline = 0.9 * baseline + 0.1 * reward;
}

}  // namespace heed
