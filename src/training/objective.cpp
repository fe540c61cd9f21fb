#include "training/objective.h"

#include <cmath>

namespace heed {

BatchLoss& BatchLoss::operator+=(const BatchLoss& other) {
  smoothed_sum += other.smoothed_sum;
  log_likelihood += other.log_likelihood;
  tokens += other.tokens;
  return *this;
}

CrossEntropy::CrossEntropy(const TrainingConfig& config)
    : options_{.smoothing = config.label_smoothing,
               .entropy_weight = config.attention_entropy,
               .coverage_weight = config.coverage_loss,
               .alignment_weight = config.guided_alignment_weight} {}

Loss CrossEntropy::loss(const Seq2Seq& model, const Batch& part, Draws draws) const {
  begin_draws(draws);
  return compute_loss(model, to_tensors(part, model.options()), options_);
}

void CrossEntropy::remember(const BatchLoss& loss) {
  double reward = loss.log_likelihood / loss.tokens, &baseline = options_.reward_baseline;
  if (std::isfinite(reward)) baseline = 0.9 * baseline + 0.1 * reward;
}

}  // namespace heed
