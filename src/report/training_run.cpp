#include "report/training_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>

#include "config/ini.h"
#include "config/options.h"
#include "util/error.h"
#include "util/file_content.h"
#include "util/line_reader.h"
#include "util/paths.h"
#include "util/text.h"

namespace heed {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kMaxLineBytes = 16 << 20;

// Hands over each line of a file. The fault that `read` returns, empty if none, is counted.
void read_each_line(const std::string& path, std::vector<std::string>& warnings,
                    const std::function<std::string(const std::string& line)>& read) {
  if (!file_exists(path)) return;
  LineReader lines(path);
  lines.set_max_line_bytes(kMaxLineBytes);
  std::string line, first;
  int64_t faults = 0;
  while (lines.next(line)) {
    std::string fault = lines.cut() ? "longer than 16 MiB" : read(line);
    if (!fault.empty() && ++faults == 1)
      first = fmt::format("{}:{}: {}", path, lines.lines_read(), fault);
  }
  if (faults == 1) warnings.push_back(first + "; the line is left out");
  if (faults > 1) {
    warnings.push_back(fmt::format("{}; {} such lines of the file are left out", first, faults));
  }
}

double number_in(const Json& entry, const char* key) {
  auto found = entry.find(key);
  if (found == entry.end() || !found->is_number()) return kNotMeasured;
  auto value = found->get<double>();
  return std::isfinite(value) ? value : kNotMeasured;
}

std::string text_in(const Json& entry, const char* key) {
  auto found = entry.find(key);
  return found != entry.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// BLEU of -1 says that no translations were made.
double bleu_measured(double bleu) { return bleu < 0 ? kNotMeasured : bleu; }

void mark_best(TrainingRun& run, int64_t step) {
  for (auto& [other, point] : run.validations) point.best = other == step;
}

void read_validation(const Json& entry, int64_t step, TrainingRun& run) {
  ValidationPoint point;
  for (const auto& [name, field] : kValidationColumns) point.*field = number_in(entry, name);
  point.bleu = bleu_measured(point.bleu);
  auto samples = entry.find("samples");
  if (samples != entry.end() && samples->is_array()) {
    for (const Json& sample : *samples) {
      point.samples.push_back({text_in(sample, "source"), text_in(sample, "reference"),
                               text_in(sample, "translation")});
    }
  }
  run.validations[step] = std::move(point);
  auto best = entry.find("best");
  if (best != entry.end() && best->is_boolean() && best->get<bool>()) mark_best(run, step);
}

std::string read_metric(const std::string& line, TrainingRun& run) {
  Json entry = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!entry.is_object()) return "expected a JSON object";
  auto found = entry.find("step");
  int64_t step = found != entry.end() && found->is_number_integer() ? found->get<int64_t>() : -1;
  if (step < 0) return "expected \"step\" with an integer of at least 0";
  std::string kind = text_in(entry, "kind");
  if (kind == "valid") read_validation(entry, step, run);
  if (kind == "train") {
    TrainingPoint point;
    for (const auto& [name, field] : kTrainingColumns) point.*field = number_in(entry, name);
    run.training[step] = point;
  }
  return "";
}

// A row of validations.tsv, whose columns are named in its first line. What metrics.jsonl has said
// of the same step stays: it has more digits.
std::string read_row(const std::string& line, std::vector<std::string>& columns,
                     std::optional<int64_t>& starred, TrainingRun& run) {
  std::vector<std::string> cells = split(line, '\t');
  if (columns.empty()) {
    columns = cells;
    return cells[0] == "step" ? "" : "expected the names of columns, \"step\" first";
  }
  if (cells.size() != columns.size()) {
    return fmt::format("expected {} columns, found {}", columns.size(), cells.size());
  }
  auto step = parse_int(cells[0]);
  if (!step || *step < 0) return "expected a step of at least 0 in the first column";
  ValidationPoint& point = run.validations[*step];
  for (size_t i = 1; i < cells.size(); ++i) {
    if (columns[i] == "best" && cells[i] == "*") starred = step;
    for (const auto& [name, field] : kValidationColumns) {
      if (columns[i] == name && std::isnan(point.*field)) {
        point.*field = parse_real(cells[i]).value_or(kNotMeasured);
      }
    }
  }
  return "";
}

// Only the form must be right: a training of another version has other keys.
void read_options(const std::string& path, TrainingRun& run) {
  if (!file_exists(path)) {
    run.warnings.push_back(path + ": missing; the report lacks this training's options");
    return;
  }
  Config defaults = default_config();
  for (const Option& option : option_table()) run.options[option.name()] = option.get(defaults);
  try {
    for (const IniEntry& entry : parse_ini(read_file(path), path).entries) {
      run.options[entry.section + "." + entry.key] = entry.value;
    }
  } catch (const UsageError& error) {
    run.warnings.push_back(
        fmt::format("{}; the report lacks this training's options", error.what()));
    run.options.clear();
  }
}

}  // namespace

TrainingRun read_training(const std::string& name, const TrainingFiles& files) {
  TrainingRun run;
  run.name = name;
  read_options(files.config, run);
  read_each_line(files.metrics, run.warnings,
                 [&](const std::string& line) { return read_metric(line, run); });
  std::vector<std::string> columns;
  std::optional<int64_t> starred;
  read_each_line(files.validations, run.warnings,
                 [&](const std::string& line) { return read_row(line, columns, starred, run); });
  // The table is written at checkpoints only: metrics.jsonl may know of a better one since.
  bool known = std::ranges::any_of(run.validations, [](auto& entry) { return entry.second.best; });
  if (starred && !known) mark_best(run, *starred);
  return run;
}

}  // namespace heed
