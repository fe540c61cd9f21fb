#include "training/history.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "config/options.h"
#include "util/text.h"

namespace heed {

std::string bleu_text(double bleu) { return bleu < 0 ? "-" : fmt::format("{:.2f}", bleu); }

std::string command_text(double value) {
  return std::isfinite(value) ? fmt::format("{:.6g}", value) : "-";
}

History::History(const TrainingConfig& config, HistoryState state)
    : config_(config), state_(std::move(state)) {}

std::string Yardstick::difference(const Yardstick& before) const {
  std::vector<std::string> parts;
  if (dev != before.dev) parts.emplace_back("the dev set");
  if (metric != before.metric) parts.emplace_back("training.stopping_metric");
  if (bleu != before.bleu) {
    const char* measured = metric.starts_with("command") ? "translations" : "BLEU";
    parts.push_back(fmt::format("{} ({}, it was {})", measured, bleu, before.bleu));
  }
  return join(parts, ", ");
}

namespace {

// By what the same weights would give other translations.
std::string search_text(const Config& config) {
  std::string text = fmt::format(", beam {}", config.evaluation.beam_size);
  const Config usual = default_config();
  for (const Option& option : option_table()) {
    bool counts = option.section == "decoding" && option.key != "beam_size" &&
                  option.key != "batch_size" && option.key != "shortlist";
    if (!counts || option.get(config) == option.get(usual)) continue;
    text += fmt::format(", {} {}", option.key, option.get(config));
  }
  return text;
}

}  // namespace

Yardstick yardstick_of(const Config& config, const std::string& dev) {
  const EvaluationConfig& evaluation = config.evaluation;
  const TrainingConfig& training = config.training;
  Yardstick found{
      dev, std::string(training.stopping_metric.name()),
      fmt::format("{}{}", evaluation.tokenize, evaluation.lowercase ? ", lowercase" : "")};
  if (found.metric == "perplexity") found.metric = "loss";  // of one order
  if (found.metric != "loss") found.bleu += search_text(config);
  if (found.metric == "command") {
    found.metric +=
        fmt::format(" ({}): {}", training.validation_command_goal, training.validation_command);
  }
  return found;
}

std::span<const Validation> History::rows() const {
  return std::span(state_.validations).subspan(static_cast<size_t>(state_.former));
}

bool History::has_value(const Validation& row) const {
  return config_.stopping_metric != "command" || std::isfinite(row.command);
}

bool History::comparable(const Validation& row) const {
  return std::isfinite(row.loss) && has_value(row);
}

bool History::is_better(const Validation& row, const Validation& other) const {
  double sign = config_.validation_command_goal == "maximize" ? -1 : 1;
  auto rank = [&](const Validation& one) {
    double value = 0;
    if (config_.stopping_metric == "bleu") value = -std::round(100 * one.bleu);
    if (config_.stopping_metric == "command") value = sign * one.command;
    return std::pair(value, one.loss);
  };
  if (!comparable(row)) return false;
  return !comparable(other) || rank(row) < rank(other);
}

bool History::is_best(const Validation& row) const {
  auto beaten = [&](const Validation& other) { return is_better(row, other); };
  return comparable(row) && std::ranges::all_of(rows(), beaten);
}

bool History::add(Validation row) {
  row.best = is_best(row);
  if (!row.extra && has_value(row)) {
    state_.waited = row.best ? 0 : state_.waited + 1;
    update_plateau(config_, row.best, state_.plateau);
  }
  state_.validations.push_back(row);
  return row.best;
}

void History::go_on() {
  if (!rows().empty() && rows().back().extra) state_.validations.pop_back();
}

bool History::validated(int64_t step) const {
  return !rows().empty() && rows().back().step == step;
}

bool History::out_of_patience() const {
  return config_.patience > 0 && state_.waited >= config_.patience;
}

int64_t History::last_best() const {
  int64_t step = 0;
  for (const Validation& row : rows()) step = row.best ? row.step : step;
  return step;
}

std::vector<int64_t> History::best_steps(int64_t count) const {
  std::vector<Validation> sorted(rows().begin(), rows().end());
  std::erase_if(sorted, [&](const Validation& row) { return !comparable(row); });
  std::ranges::stable_sort(sorted, [&](const Validation& one, const Validation& other) {
    return is_better(one, other);
  });
  std::vector<int64_t> steps;
  for (const Validation& row : sorted) {
    if (std::ssize(steps) == count) break;
    steps.push_back(row.step);
  }
  return steps;
}

std::vector<int64_t> History::steps_to_average(const std::vector<int64_t>& saved) const {
  int64_t count = config_.average_checkpoints;
  if (config_.average_choice == "best") {
    std::vector<int64_t> best = best_steps(count);
    std::erase_if(best, [&](int64_t step) { return std::ranges::count(saved, step) == 0; });
    return best;
  }
  std::vector<int64_t> last;
  for (int64_t step : saved) {
    auto row = std::ranges::find(state_.validations, step, &Validation::step);
    bool validated = row != state_.validations.end() && !row->extra;
    bool due = validated || step % config_.checkpoint_every == 0 || step == saved.back();
    if (due) last.push_back(step);
  }
  if (std::ssize(last) > count) last.erase(last.begin(), last.end() - count);
  return last;
}

std::string History::table() const {
  bool by_command = !config_.validation_command.empty();
  std::string text =
      fmt::format("step\tepoch\tloss\tperplexity\tbleu\t{}learning_rate\tseconds\tbest\n",
                  by_command ? "command\t" : "");
  auto best = best_steps(1);
  for (const Validation& row : state_.validations) {
    bool compared = &row >= rows().data();
    bool starred = compared && !best.empty() && best[0] == row.step;
    text += fmt::format("{}\t{}\t{:.6f}\t{:.4f}\t{}\t{}{:.6g}\t{:.1f}\t{}\n", row.step, row.epoch,
                        row.loss, row.perplexity, bleu_text(row.bleu),
                        by_command ? command_text(row.command) + "\t" : "", row.learning_rate,
                        row.seconds, starred ? "*" : "");
  }
  return text;
}

}  // namespace heed
