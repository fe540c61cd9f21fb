#include "training/history.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace heed {

History::History(const TrainingConfig& config, HistoryState state)
    : config_(config), state_(std::move(state)) {}

double History::metric(const Validation& row) const {
  if (config_.stopping_metric == "bleu") return -row.bleu;
  return std::isfinite(row.loss) ? row.loss : std::numeric_limits<double>::infinity();
}

bool History::is_best(const Validation& row) const {
  return std::isfinite(row.loss) &&
         std::ranges::all_of(state_.validations,
                             [&](const Validation& other) { return metric(row) < metric(other); });
}

bool History::add(Validation row) {
  row.best = is_best(row);
  state_.waited = row.best ? 0 : state_.waited + 1;
  update_plateau(config_, row.best, state_.plateau);
  state_.validations.push_back(row);
  return row.best;
}

bool History::validated(int64_t step) const {
  return !state_.validations.empty() && state_.validations.back().step == step;
}

bool History::best_at(int64_t step) const {
  return validated(step) && state_.validations.back().best;
}

bool History::out_of_patience() const {
  return config_.patience > 0 && state_.waited >= config_.patience;
}

std::vector<int64_t> History::best_steps(int64_t count) const {
  std::vector<Validation> rows = state_.validations;
  std::ranges::stable_sort(rows, {}, [&](const Validation& row) { return metric(row); });
  std::vector<int64_t> steps;
  for (const Validation& row : rows) {
    if (std::ssize(steps) == count || !std::isfinite(row.loss)) break;
    steps.push_back(row.step);
  }
  return steps;
}

std::string History::table() const {
  std::string text = "step\tepoch\tloss\tperplexity\tbleu\tlearning_rate\tseconds\tbest\n";
  auto best = best_steps(1);
  for (const Validation& row : state_.validations) {
    bool starred = !best.empty() && best[0] == row.step;
    text +=
        fmt::format("{}\t{}\t{:.6f}\t{:.4f}\t{}\t{:.6g}\t{:.1f}\t{}\n", row.step, row.epoch,
                    row.loss, row.perplexity, row.bleu < 0 ? "-" : fmt::format("{:.2f}", row.bleu),
                    row.learning_rate, row.seconds, starred ? "*" : "");
  }
  return text;
}

}  // namespace heed
