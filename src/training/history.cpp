#include "training/history.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace heed {

std::string command_text(double value) {
  return std::isfinite(value) ? fmt::format("{:.6g}", value) : "-";
}

History::History(const TrainingConfig& config, HistoryState state)
    : config_(config), state_(std::move(state)) {}

double History::metric(const Validation& row) const {
  if (config_.stopping_metric == "bleu") return -row.bleu;
  bool by_command = config_.stopping_metric == "command";
  double value = by_command ? row.command : row.loss;
  if (by_command && config_.validation_command_goal == "maximize") value = -value;
  return std::isfinite(value) ? value : std::numeric_limits<double>::infinity();
}

bool History::has_value(const Validation& row) const {
  return config_.stopping_metric != "command" || std::isfinite(row.command);
}

bool History::is_best(const Validation& row) const {
  return std::isfinite(row.loss) && has_value(row) &&
         std::ranges::all_of(state_.validations,
                             [&](const Validation& other) { return metric(row) < metric(other); });
}

bool History::add(Validation row) {
  row.best = is_best(row);
  if (has_value(row)) {
    state_.waited = row.best ? 0 : state_.waited + 1;
    update_plateau(config_, row.best, state_.plateau);
  }
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
    if (std::ssize(steps) == count) break;
    if (std::isfinite(row.loss) && has_value(row)) steps.push_back(row.step);
  }
  return steps;
}

std::string History::table() const {
  bool by_command = !config_.validation_command.empty();
  std::string text =
      fmt::format("step\tepoch\tloss\tperplexity\tbleu\t{}learning_rate\tseconds\tbest\n",
                  by_command ? "command\t" : "");
  auto best = best_steps(1);
  for (const Validation& row : state_.validations) {
    bool starred = !best.empty() && best[0] == row.step;
    text +=
        fmt::format("{}\t{}\t{:.6f}\t{:.4f}\t{}\t{}{:.6g}\t{:.1f}\t{}\n", row.step, row.epoch,
                    row.loss, row.perplexity, row.bleu < 0 ? "-" : fmt::format("{:.2f}", row.bleu),
                    by_command ? command_text(row.command) + "\t" : "", row.learning_rate,
                    row.seconds, starred ? "*" : "");
  }
  return text;
}

}  // namespace heed
