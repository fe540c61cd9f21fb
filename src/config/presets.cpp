#include "config/presets.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/ini.h"
#include "config/options.h"
#include "util/error.h"
#include "util/text.h"

namespace heed {
namespace {

constexpr size_t kPresets = 3;

struct Row {
  std::string option;
  std::string values[kPresets];  // small, medium, large
};

// Medium is what configs/multi30k-transformer.ini came to (docs/results.md); small has fewer
// pieces, layers and updates, and smaller batches (docs/quality.md); large has the defaults.
const std::vector<Row>& rows() {
  static const std::vector<Row> table = {
      {"tokenizer.vocab_size", {"1000", "6000", "8000"}},
      {"model.hidden_size", {"128", "128", "256"}},
      {"model.feed_forward_size", {"512", "256", "1024"}},
      {"model.layers", {"3", "4", "3"}},
      {"model.heads", {"4", "4", "4"}},
      {"model.dropout", {"0.3", "0.3", "0.3"}},
      {"training.max_steps", {"3000", "6000", "100000"}},
      {"training.batch_tokens", {"1024", "3072", "4096"}},
      {"training.learning_rate", {"0.003", "0.004", "0.001"}},
      {"training.schedule", {"cosine", "cosine", "inverse_sqrt"}},
      {"training.warmup_steps", {"400", "800", "2000"}},
      {"training.label_smoothing", {"0.1", "0.1", "0.1"}},
      {"training.validate_every", {"150", "350", "500"}},
      {"training.stopping_metric", {"bleu", "bleu", "loss"}},
      {"training.patience", {"10", "12", "10"}},
      {"training.average_checkpoints", {"5", "5", "1"}},
      {"output.keep_best", {"5", "5", "1"}},
  };
  return table;
}

size_t column_of(const Preset& preset) {
  for (size_t i = 0; i < kPresets; ++i) {
    if (preset_table()[i].name == preset.name) return i;
  }
  fail("there is no preset {}", preset.name);
}

// What the keys that were given leave no room for.
bool ruled_out(const std::string& option, const Config& config) {
  return option == "training.stopping_metric" && config.evaluation.beam_size == 0;
}

// Checkpoints to average are checkpoints to keep, whichever of the two was given.
void keep_what_is_averaged(Config& config, const std::vector<std::string>& chosen) {
  auto is_chosen = [&](const char* name) { return std::ranges::count(chosen, name) > 0; };
  int64_t &averaged = config.training.average_checkpoints, &best = config.output.keep_best;
  bool last = config.training.average_choice == "last";
  if (is_chosen("output.keep_best") && !is_chosen("training.average_checkpoints")) {
    best = std::max(best, averaged);
  }
  if (is_chosen("training.average_checkpoints")) {
    averaged = std::min(averaged, last ? config.output.keep_last : best);
  }
}

std::string key_of(const std::string& option) { return option.substr(option.find('.') + 1); }

}  // namespace

const std::vector<Preset>& preset_table() {
  static const std::vector<Preset> table = {
      {"small", 10'000, "below 10,000 pairs"},
      {"medium", 100'000, "from 10,000 to 99,999 pairs"},
      {"large", std::numeric_limits<int64_t>::max(), "from 100,000 pairs on"},
  };
  return table;
}

const Preset& preset_for(int64_t pairs) {
  const auto& table = preset_table();
  auto found = std::ranges::find_if(table, [&](const Preset& one) { return pairs < one.below; });
  return found == table.end() ? table.back() : *found;
}

std::vector<std::string> preset_options() {
  std::vector<std::string> names;
  for (const Row& row : rows()) names.push_back(row.option);
  return names;
}

const std::string& preset_value(const Preset& preset, std::string_view option) {
  auto row = std::ranges::find(rows(), option, &Row::option);
  if (row == rows().end()) fail("{}: no preset sets it", option);
  return row->values[column_of(preset)];
}

std::vector<std::string> apply_preset(const Preset& preset, Config& config) {
  std::vector<std::string> chosen;
  for (const std::string& name : config.open) {
    if (ruled_out(name, config)) continue;
    option_named(name).set(config, preset_value(preset, name));
    chosen.push_back(name);
  }
  keep_what_is_averaged(config, chosen);
  config.open.clear();
  return chosen;
}

std::string describe_keys(const Config& config, const std::vector<std::string>& options) {
  std::vector<std::string> parts;
  for (const std::string& name : options) {
    parts.push_back(key_of(name) + " = " + option_named(name).get(config));
  }
  return join(parts, ", ");
}

std::string render_preset_ini(const Preset& preset) {
  std::string out = fmt::format(
      "# Preset {}: what a training without a [model] section takes {}.\n"
      "# Made from the table in src/config/presets.cpp; copy it and change what you like.\n"
      "[data]\ntrain_source = train.source\ntrain_target = train.target\n"
      "dev_source = dev.source\ndev_target = dev.target\n",
      preset.name, preset.range);
  std::string section;
  for (const Row& row : rows()) {
    const Option& option = option_named(row.option);
    if (option.section != section) {
      section = option.section;
      out += fmt::format("\n[{}]\n", section);
      if (section == "output") out += "folder = model\n";
    }
    out += option.key + " = " + quote_ini_value(preset_value(preset, row.option)) + "\n";
  }
  return out;
}

std::string render_presets_markdown() {
  std::string out =
      "\n## Presets by size of data\n\n"
      "Where no key of `[model]` is given, neither in the file nor on the command line, heed "
      "train\n"
      "counts the pairs and takes these for the keys that are not given. The log says which; the\n"
      "model folder's config.ini has them, and a training that goes on keeps them.\n\n";
  std::string rule = "|---|";
  out += "| Key |";
  for (const Preset& preset : preset_table()) {
    out += fmt::format(" {}: {} |", preset.name, preset.range);
    rule += "---|";
  }
  out += " Otherwise |\n" + rule + "---|\n";
  for (const Row& row : rows()) {
    out += fmt::format("| `{}` |", row.option);
    for (const std::string& value : row.values) out += fmt::format(" `{}` |", value);
    out += fmt::format(" `{}` |\n", option_named(row.option).default_value);
  }
  return out;
}

std::string render_presets_text() {
  std::string out =
      "\nPresets, where no key of [model] is given; a key that is given counts more\n";
  for (const Preset& preset : preset_table()) {
    out += fmt::format("  {:<8}{}\n", preset.name, preset.range);
  }
  auto line = [&](const std::string& name, auto&& values) {
    out += fmt::format("  {:<30}", name);
    std::string cells;
    for (const std::string& value : values) cells += fmt::format("{:<14}", value);
    out += cells.substr(0, cells.find_last_not_of(' ') + 1) + "\n";
  };
  std::vector<std::string> names;
  for (const Preset& preset : preset_table()) names.push_back(preset.name);
  line("", names);
  for (const Row& row : rows()) line(row.option, row.values);
  return out;
}

}  // namespace heed
