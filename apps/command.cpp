#include "command.h"

#include <algorithm>

#include "config/options.h"
#include "decoding/ensemble.h"
#include "model/device.h"
#include "util/error.h"
#include "util/files.h"
#include "util/log.h"

namespace heed {
namespace {

// beam_size -> --beam-size
std::string flag_of(std::string key) {
  std::replace(key.begin(), key.end(), '_', '-');
  return "--" + key;
}

}  // namespace

void check_paths(const std::vector<std::string>& inputs, const std::vector<std::string>& outputs) {
  if (std::ranges::count(inputs, "-") > 1) {
    fail_usage("standard input (-) can be read once only; give files for the others");
  }
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i].empty()) continue;
    for (const std::string& input : inputs) {
      if (input.empty() || !same_file(outputs[i], input)) continue;
      fail_usage("{}: would be overwritten while it is read; choose another file for the output",
                 outputs[i]);
    }
    for (size_t k = 0; k < i; ++k) {
      bool both = outputs[k] == "-" && outputs[i] == "-";
      if (!both && (outputs[k].empty() || !same_file(outputs[i], outputs[k]))) continue;
      fail_usage("{}: two things would be written to it; choose another file for one of them",
                 both ? "standard output (-)" : outputs[i]);
    }
  }
}

void ComputeFlags::add_to(CLI::App& command) {
  command.add_option("--device", device, "auto, cpu, cuda or cuda:N")->capture_default_str();
  command
      .add_option("--threads", threads,
                  "Threads: batches of translations at the same time; 0: all cores")
      ->check(CLI::Range(0, 4096));
  command
      .add_option(
          "--precision", precision,
          "auto, float32, bfloat16 or int8; auto is int8 where the CPU multiplies it natively")
      ->check(CLI::IsMember({"auto", "float32", "bfloat16", "int8"}))
      ->capture_default_str();
  command.add_flag("--quiet,-q", quiet, "Only warnings and errors on stderr");
}

Placement ComputeFlags::apply() const {
  set_log_quiet(quiet);
  set_up_compute(threads);
  torch::Device where = choose_device(device);
  Precision chosen = choose_decoding_precision(precision, where);
  if (precision == "auto") log_info("precision: {}", chosen.reason);
  return {where, chosen.type, chosen.packing};
}

int64_t ComputeFlags::workers(const Placement& placement) const {
  return placement.device.is_cpu() ? thread_count(threads) : 1;
}

void DecodingFlags::add_to(CLI::App& command) {
  for (const Option& option : option_table()) {
    if (option.section != "decoding") continue;
    // A command's own flag of that name, --seed of a bootstrap say, comes first.
    if (command.get_option_no_throw(flag_of(option.key)) != nullptr) continue;
    command.add_option_function<std::string>(
        flag_of(option.key),
        [this, key = option.key](const std::string& text) { given[key] = text; }, option.help);
  }
}

DecodingConfig DecodingFlags::over(const Config& config) const {
  Config result = config;
  for (const auto& [key, text] : given) {
    if (auto problem = find_option("decoding", key)->set(result, text)) {
      fail_usage("{}: {}", flag_of(key), *problem);
    }
  }
  check_decoding(result.decoding);
  return result.decoding;
}

CLI::Option* ModelFlags::add_to(CLI::App& command) {
  command.add_option("--model", more, "A further model folder, for an ensemble");
  return command.add_option("folder", folder, "Model folder");
}

std::vector<std::string> ModelFlags::folders() const {
  std::vector<std::string> all = {folder};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

void LineFlags::add_to(CLI::App& command) {
  command
      .add_option_function<std::string>(
          "--replace-unknown",
          [this](const std::string& path) {
            options.replace_unknown = true;
            dictionary = path;
          },
          "Put for unknown pieces the source word with the most attention, or its translation in "
          "this file (source word, TAB, translation) if one is given")
      ->expected(0, 1);
  command.add_flag("--split-sentences", options.split_sentences,
                   "Translate the sentences of a line one by one");
  command.add_flag("--split-long", options.split_long,
                   "Translate lines beyond data.max_length in parts instead of cutting them");
}

LineOptions LineFlags::read(const ComputeFlags& compute, const Placement& placement) const {
  LineOptions lines = options;
  lines.workers = compute.workers(placement);
  if (!dictionary.empty()) lines.dictionary = read_dictionary(dictionary);
  return lines;
}

LoadedModel load_models(const std::vector<std::string>& folders, const Placement& placement) {
  LoadedModel loaded{load_bundle(folders.at(0), placement), nullptr};
  loaded.model = loaded.bundle.model;
  if (folders.size() == 1) return loaded;
  std::vector<std::shared_ptr<Seq2Seq>> members = {loaded.bundle.model};
  Ensemble::SourceTokenizers sources = {loaded.bundle.tokenizers.source};
  const Tokenizer& target = *loaded.bundle.tokenizers.target;
  for (size_t i = 1; i < folders.size(); ++i) {
    Bundle other = load_bundle(folders[i], placement);
    if (other.tokenizers.target->model_bytes() != target.model_bytes()) {
      fail(
          "{} and {} have different target vocabularies ({} and {} pieces): an ensemble needs one; "
          "train the second with [tokenizer] target_model (or model) from the first's folder",
          folders[0], folders[i], target.vocab_size(), other.tokenizers.target->vocab_size());
    }
    int64_t& limit = loaded.bundle.config.data.max_length;
    limit = std::min(limit, other.config.data.max_length);
    members.push_back(other.model);
    sources.push_back(other.tokenizers.source);
  }
  loaded.model = std::make_shared<Ensemble>(std::move(members), sources);
  loaded.model->eval();
  return loaded;
}

}  // namespace heed
