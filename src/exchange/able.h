// What another toolkit can compute of heed's options, and heed of another's.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "config/config.h"

namespace heed {

using OrderedJson = nlohmann::ordered_json;  // of the files that are written

struct Able {
  const char* key;  // of [model]
  std::vector<std::string> values;
};

// A Transformer whose attention is everywhere the common one.
std::vector<Able> common_transformer();

// Throws Error naming the option whose value is none of those, `toolkit` and what it has.
void check_able(const Config& config, const std::vector<Able>& able, const std::string& toolkit);

// Holds what came from a file to the ranges and rules of what is configured by hand. Throws Error
// that begins with `where`.
void check_values(const Config& config, const std::string& where);

}  // namespace heed
