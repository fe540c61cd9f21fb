#include "exchange/able.h"

#include <algorithm>

#include "config/options.h"
#include "util/error.h"
#include "util/text.h"

namespace heed {

std::vector<Able> common_transformer() {
  return {{"architecture", {"transformer"}},   {"positions", {"sinusoidal", "learned"}},
          {"self_attention", {"full"}},        {"self_attention_weights", {"softmax"}},
          {"attention_score", {"scaled_dot"}}, {"attention_scope", {"global"}},
          {"attention_weights", {"softmax"}}};
}

void check_able(const Config& config, const std::vector<Able>& able, const std::string& toolkit) {
  for (const Able& one : able) {
    std::string value = find_option("model", one.key)->get(config);
    if (std::ranges::find(one.values, value) != one.values.end()) continue;
    fail("[model] {} = {}: {} has not got it; it computes {}", one.key, value, toolkit,
         join(one.values, " or "));
  }
}

void check_values(const Config& config, const std::string& where) {
  Config copy = config;
  for (const Option& option : option_table()) {
    auto fault = option.set(copy, option.get(config));
    if (fault) fail("{}: its {} does not fit: {}", where, option.key, *fault);
  }
  try {
    check_model(config.model);
    check_decoding(config.decoding);
  } catch (const UsageError& error) {
    fail("{}: {}", where, error.what());
  }
}

}  // namespace heed
