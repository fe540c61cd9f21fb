#include "command.h"

#include <algorithm>

#include "config/options.h"
#include "data/model_folder.h"
#include "decoding/splitting.h"
#include "util/atomic_file.h"
#include "util/error.h"
#include "util/output_file.h"
#include "util/paths.h"
#include "util/text.h"

namespace heed {
namespace {

// beam_size -> --beam-size
std::string flag_of(std::string key) {
  std::replace(key.begin(), key.end(), '_', '-');
  return "--" + key;
}

// The folder of the trained model that has a file at `path`, or would look for one; empty where
// none does.
std::string model_with(const std::string& path) {
  ModelFolder model{real_folder_of(path)};
  if (!file_exists(model.weights()) && model.checkpoint_steps().empty()) return "";
  std::vector<std::string> files = model.files();
  files.push_back(model.training_state());
  files.push_back(model.log());
  bool any = std::ranges::any_of(files, [&](const std::string& f) { return same_file(path, f); });
  return any ? model.path : "";
}

// Throws UsageError for a file of a trained model, under its own name or by links.
void refuse_file_of_a_model(const std::string& path) {
  if (path.empty() || path == "-") return;
  for (const std::string& place : along_links(path)) {
    std::string model = model_with(place);
    if (model.empty()) continue;
    fail_usage(
        "{}: a file of the model in {} would be overwritten; choose another file for the output",
        path, model);
  }
}

}  // namespace

void check_paths(const std::vector<std::string>& inputs, const std::vector<std::string>& outputs) {
  if (std::ranges::count(inputs, "-") > 1) {
    fail_usage("standard input (-) can be read once only; give files for the others");
  }
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i].empty()) continue;
    refuse_file_of_a_model(outputs[i]);
    for (const std::string& input : inputs) {
      bool same = input == "-" ? outputs[i] != "-" && is_standard_input(outputs[i])
                               : same_file(outputs[i], input);
      if (input.empty() || !same) continue;
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

CLI::Validator whole_number(int64_t least, int64_t most) {
  auto fault = [=](const std::string& text) -> std::string {
    size_t sign = text.starts_with('-') || text.starts_with('+') ? 1 : 0;
    bool whole = text.size() > sign && text.find_first_not_of("0123456789", sign) == text.npos;
    if (!whole) {
      return fmt::format("{} is no whole number; give one from {} to {}", printable(text, 40),
                         least, most);
    }
    auto value = parse_int(text.substr(text[0] == '+' ? 1 : 0));  // none: beyond 64 bits
    if (value && *value >= least && *value <= most) return "";
    return fmt::format("{} is not in the range from {} to {}", printable(text, 40), least, most);
  };
  return {fault, fmt::format("INT in [{} - {}]", least, most), ""};
}

void write_whole(const std::string& path, const std::string& content) {
  if (path != "-") return write_file_atomically(behind_links(path), content);
  OutputFile output(path);
  output.write(content);
  output.close();
}

void check_given(const CLI::App& command) {
  for (const CLI::Option* option : command.get_options()) {
    bool file = option->check_lname("input") || option->check_lname("output");
    bool needed = option->get_positional() || option->get_required() || file;
    if (!needed || std::ranges::count(option->results(), "") == 0) continue;
    std::string name =
        option->get_positional() ? option->get_name() : "--" + option->get_lnames().front();
    fail_usage("heed {}: {} is an empty text: a file or folder was expected (is a variable unset?)",
               command.get_name(), name);
  }
  for (const CLI::App* sub : command.get_subcommands()) check_given(*sub);
}

std::vector<std::string> overrides_of(const CLI::App& command) {
  std::vector<std::string> words = command.remaining(), overrides;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (!word.starts_with("--") || word.find('.') == std::string::npos) {
      std::vector<std::string> flags;
      for (const CLI::Option* option : command.get_options()) {
        if (option->nonpositional()) flags.push_back("--" + option->get_single_name());
      }
      std::string meant = nearest_name(word, flags);
      fail_usage("command line: {}: not a flag of heed {}, nor --section.key=value{}", word,
                 command.get_name(), meant.empty() ? "" : "; did you mean " + meant + "?");
    }
    if (word.find('=') != std::string::npos) {
      overrides.push_back(word);
    } else if (i + 1 < words.size() && !words[i + 1].starts_with("--")) {
      overrides.push_back(word + "=" + words[++i]);
    } else {
      fail_usage("command line: {}: a value is missing: write {}=VALUE", word, word);
    }
  }
  return overrides;
}

void ComputeFlags::add_to(CLI::App& command) {
  command.add_option("--device", choice.device, "auto, cpu, cuda or cuda:N")->capture_default_str();
  command
      .add_option("--threads", choice.threads,
                  "Threads: batches of translations at the same time; 0: all cores")
      ->check(whole_number(0, 4096));
  command
      .add_option(
          "--precision", choice.precision,
          "auto, float32, bfloat16 or int8; auto is int8 where the CPU multiplies it natively")
      ->check(CLI::IsMember({"auto", "float32", "bfloat16", "int8"}))
      ->capture_default_str();
  command.add_flag("--quiet,-q", quiet, "Only warnings and errors on stderr");
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

EngineOptions engine_options(const SearchOptions& search, const LineFlags& lines,
                             const ComputeFlags& compute) {
  EngineOptions options;
  options.search = search;
  options.lines = lines.read();
  options.batch_size = search.batch_size;
  options.workers = compute.workers();
  return options;
}

CLI::Option* ModelFlags::add_to(CLI::App& command) {
  command.add_option("--model", more, "A further model (or checkpoint), for an ensemble");
  return command.add_option("folder", folder, "Model folder, or the folder of a checkpoint in one");
}

std::vector<std::string> ModelFlags::folders() const {
  std::vector<std::string> all = {folder};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

std::vector<std::string> model_files(const std::vector<std::string>& folders) {
  std::vector<std::string> all;
  for (const std::string& folder : folders) {
    ModelFolder model = find_model(folder);
    std::vector<std::string> files = model.files();
    all.insert(all.end(), files.begin(), files.end());
    all.push_back(ModelFolder{model.path}.weights());
    all.push_back(ModelFolder{folder}.training_state());
  }
  return all;
}

void LineFlags::add_to(CLI::App& command) {
  command.add_option("--source-tag", options.source_tag,
                     "The piece of data.tags to put before each line: the direction to translate "
                     "in");
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
  command
      .add_option("--source-language", options.language,
                  "The language whose abbreviations end no sentence, for --split-sentences: " +
                      join(sentence_languages(), ", ") + "; unless given, those of all of them")
      ->check(CLI::IsMember(sentence_languages()));
  command.add_flag("--split-long", options.split_long,
                   "Translate lines beyond data.max_length in parts instead of cutting them");
}

LineOptions LineFlags::read() const {
  LineOptions lines = options;
  if (!dictionary.empty()) {
    lines.dictionary = std::make_shared<const Dictionary>(read_dictionary(dictionary));
  }
  return lines;
}

}  // namespace heed
