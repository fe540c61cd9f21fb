#include "data/inherited_config.h"

#include <algorithm>
#include <functional>

#include "config/ini.h"
#include "config/options.h"
#include "config/presets.h"
#include "data/model_folder.h"
#include "util/error.h"
#include "util/paths.h"

namespace heed {
namespace {

bool makes_model(const Option& option) {
  return option.section == "model" && option.on_resume == OnResume::kFixed;
}

bool makes_vocabulary(const Option& option) {
  return option.section == "tokenizer" && option.on_resume == OnResume::kFixed &&
         option.key != "sampling_alpha";
}

void copy(const Config& from, Config& to, const std::function<bool(const Option&)>& which) {
  for (const Option& option : option_table()) {
    if (which(option)) option.set(to, option.get(from));
  }
}

std::vector<std::string> differences(const Config& config, const Config& other,
                                     const std::function<bool(const Option&)>& which) {
  std::vector<std::string> all;
  for (const Option& option : option_table()) {
    std::string here = option.get(config), there = option.get(other);
    if (!which(option) || here == there) continue;
    all.push_back(fmt::format("{} = {}, not {}", option.name(), there, here));
  }
  return all;
}

// The same model with its sizes written out.
Config spelled_out(Config config) {
  ModelConfig& model = config.model;
  if (model.decoder_layers == 0) model.decoder_layers = model.layers;
  if (model.embedding_size == 0) model.embedding_size = model.hidden_size;
  return config;
}

Config config_of_initial(const Config& given) {
  const std::string& initial = given.training.initial_model;
  ModelFolder own{given.output.folder};
  bool gone = !is_folder(initial) && !own.checkpoint_steps().empty() && file_exists(own.config());
  try {
    return (gone ? own : find_model(initial)).read_config();
  } catch (const Error& error) {
    fail("[training] initial_model: {}", error.what());
  }
}

// Whoever gives a key of [model] that `closes` says the size of everything himself.
std::vector<std::string> open_keys(const std::set<std::string>& given,
                                   const std::function<bool(const std::string&)>& closes) {
  if (std::ranges::any_of(given, closes)) return {};
  std::vector<std::string> open = preset_options();
  std::erase_if(open, [&](const std::string& name) { return given.contains(name); });
  return open;
}

}  // namespace

Config load_training_config(const std::string& path, const std::vector<std::string>& overrides) {
  GivenConfig read = load_given(path, overrides);
  Config& config = read.config;
  if (config.training.initial_model.empty()) {
    auto of_model = [](const std::string& name) {
      return name == "[model]" || name.starts_with("model.");
    };
    config.open = open_keys(read.given, of_model);
    config.open_where_begun = open_keys(read.given, [&](const std::string& name) {
      return name == "[model]" || (of_model(name) && makes_model(option_named(name)));
    });
    return config;
  }
  bool vocabulary = takes_vocabulary(config.training);
  copy(config_of_initial(config), config, [&](const Option& option) {
    if (read.given.contains(option.name())) return false;
    return option.section == "model" || option.name() == "data.max_length" ||
           (vocabulary && makes_vocabulary(option));
  });
  return config;
}

bool takes_vocabulary(const TrainingConfig& training) {
  const auto& parts = training.initial_parts;
  if (training.initial_model.empty()) return false;
  return parts.empty() || std::ranges::count(parts, "embeddings") > 0 ||
         std::ranges::count(parts, "output") > 0;
}

std::vector<std::string> vocabulary_differences(const Config& config, const Config& other) {
  return differences(config, other, makes_vocabulary);
}

std::vector<std::string> model_differences(const Config& config, const Config& other) {
  Config here = spelled_out(config), there = spelled_out(other);
  return differences(config, other, [&](const Option& option) {
    return makes_model(option) && option.get(here) != option.get(there);
  });
}

}  // namespace heed
