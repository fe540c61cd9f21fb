#include "training/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace heed {

double learning_rate(const TrainingConfig& config, int64_t step, const PlateauState& plateau) {
  double peak = config.learning_rate, floor = config.min_learning_rate;
  auto warmup = static_cast<double>(config.warmup_steps);
  auto now = static_cast<double>(step);
  if (now < warmup) return peak * now / warmup;
  if (config.schedule == "inverse_sqrt") return peak * std::sqrt(std::max(warmup, 1.0) / now);
  if (config.schedule == "plateau") return std::max(peak * plateau.factor, floor);
  if (config.schedule == "constant") return peak;
  int64_t last = config.schedule_steps == 0 ? config.max_steps : config.schedule_steps;
  double span = std::max(1.0, static_cast<double>(last) - warmup);
  double done = std::clamp((now - warmup) / span, 0.0, 1.0);
  if (config.schedule == "cosine") done = (1 - std::cos(std::numbers::pi * done)) / 2;
  return peak + (floor - peak) * done;
}

void update_plateau(const TrainingConfig& config, bool new_best, PlateauState& plateau) {
  plateau.waited = new_best ? 0 : plateau.waited + 1;
  if (plateau.waited < config.plateau_patience) return;
  plateau.factor *= config.plateau_factor;
  plateau.waited = 0;
}

}  // namespace heed
