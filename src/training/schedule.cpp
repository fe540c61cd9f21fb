#include "training/schedule.h"

#include <fmt/format.h>

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

std::vector<std::string> schedule_doubts(const TrainingConfig& config) {
  std::vector<std::string> doubts;
  if (config.warmup_steps > 10 * config.max_steps) {
    doubts.push_back(fmt::format(
        "training.warmup_steps = {} with max_steps = {}: the learning rate comes to {:.2g} % of {} "
        "and no further; lower warmup_steps",
        config.warmup_steps, config.max_steps,
        100.0 * static_cast<double>(config.max_steps) / static_cast<double>(config.warmup_steps),
        config.learning_rate));
  }
  bool falls = config.schedule == "linear" || config.schedule == "cosine";
  if (falls && config.warmup_steps >= config.max_steps) {
    doubts.push_back(
        fmt::format("training.warmup_steps = {} with max_steps = {}: schedule = {} never begins to "
                    "fall; lower warmup_steps",
                    config.warmup_steps, config.max_steps, config.schedule.name()));
  }
  bool ends = config.schedule_steps > 0 && config.schedule_steps < config.max_steps;
  if (falls && ends && config.min_learning_rate == 0) {
    doubts.push_back(fmt::format(
        "training.schedule_steps = {} with max_steps = {} and min_learning_rate = 0: nothing is "
        "learned after step {}; raise schedule_steps (0: max_steps) or min_learning_rate",
        config.schedule_steps, config.max_steps, config.schedule_steps));
  }
  if (config.schedule == "plateau" && config.patience > 0 &&
      config.patience <= config.plateau_patience) {
    doubts.push_back(fmt::format(
        "training.plateau_patience = {} with patience = {}: training stops before the learning "
        "rate is ever cut; raise patience",
        config.plateau_patience, config.patience));
  }
  return doubts;
}

void update_plateau(const TrainingConfig& config, bool new_best, PlateauState& plateau) {
  plateau.waited = new_best ? 0 : plateau.waited + 1;
  if (plateau.waited < config.plateau_patience) return;
  plateau.factor *= config.plateau_factor;
  plateau.waited = 0;
}

}  // namespace heed
