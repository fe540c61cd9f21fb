#include "training/open_keys.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "config/options.h"
#include "config/presets.h"
#include "util/log.h"
#include "util/paths.h"
#include "util/text.h"

namespace heed {

void keep_beginning(Config& config, const ModelFolder& begun) {
  if (!file_exists(begun.config())) return;
  Config before = begun.read_config();
  for (const char* name : {"training.initial_model", "training.initial_parts"}) {
    const Option& option = option_named(name);
    std::string now = option.get(config), then = option.get(before);
    if (now == then) continue;
    log_info("resume: {} = {} is ignored: it is taken at the beginning alone, and was {}", name,
             now.empty() ? "empty" : now, then.empty() ? "empty" : then);
    option.set(config, then);
  }
}

void take_open_keys(Config& config, const ModelFolder& begun) {
  if (config.open.empty()) config.open = config.open_where_begun;
  if (config.open.empty() || !file_exists(begun.config())) return;
  Config before = begun.read_config();
  for (const std::string& name : config.open) {
    const Option& option = option_named(name);
    option.set(config, option.get(before));
  }
  log_info("size: as this training began: {}", describe_keys(config, config.open));
  config.open.clear();
  check_config(config);
}

void choose_open_keys(Config& config, int64_t pairs) {
  if (config.open.empty()) return;
  const Preset& preset = preset_for(pairs);
  std::vector<std::string> given = preset_options();
  std::erase_if(given,
                [&](const std::string& name) { return std::ranges::count(config.open, name) > 0; });
  log_info("size: {} training pairs and no key of [model] given: preset {} ({}; heed options)",
           with_commas(pairs), preset.name, preset.range);
  log_info("size: {}", describe_keys(config, apply_preset(preset, config)));
  if (!given.empty()) log_info("size: as given: {}", describe_keys(config, given));
  check_config(config);
}

void share_open_keys(Config& config, Communicator& communicator) {
  if (communicator.size() == 1) return;
  nlohmann::ordered_json chosen;
  for (const std::string& name : preset_options()) {
    chosen[name] = option_named(name).get(config);
  }
  auto shared = nlohmann::ordered_json::parse(
      communicator.share_text(communicator.leads() ? chosen.dump() : ""));
  for (const auto& [name, value] : shared.items()) {
    option_named(name).set(config, value.get<std::string>());
  }
  config.open.clear();
}

}  // namespace heed
