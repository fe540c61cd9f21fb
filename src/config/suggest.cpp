#include "config/suggest.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "config/values.h"
#include "util/text.h"

namespace heed {
namespace {

std::vector<std::string> section_names() {
  std::vector<std::string> names;
  for (const Section& section : section_table()) names.push_back(section.name);
  return names;
}

// Keys of `section`, or of all sections where it is empty.
std::vector<std::string> key_names(std::string_view section) {
  std::vector<std::string> names;
  for (const Option& option : option_table()) {
    if (section.empty() || option.section == section) names.push_back(option.key);
  }
  return names;
}

// "[data] and [decoding]": the sections that have `key`; empty if none has.
std::string owners_of(const std::string& key) {
  std::vector<std::string> owners;
  for (const Option& option : option_table()) {
    if (option.key == key) owners.push_back("[" + option.section + "]");
  }
  return join(owners, " and ");
}

// "real > 0, default 0.0005".
std::string describe_option(const Option& option) {
  if (option.default_value.empty()) return describe_values(option);
  return fmt::format("{}, default {}", describe_values(option), option.default_value);
}

bool is_valid(const Option& option, const std::string& value) {
  Config scratch = default_config();
  return !option.set(scratch, value);
}

std::string nearest_boolean(const std::string& value) {
  for (const char* yes : {"true", "yes", "on", "1", "y", "t"}) {
    if (value == yes) return "true";
  }
  for (const char* no : {"false", "no", "off", "0", "n", "f"}) {
    if (value == no) return "false";
  }
  return nearest_name(value, {"true", "false"});
}

// A decimal comma as a point, digit groups closed up, 1e5 or 3.0 as an integer, a sign or a percent
// resolved: the first that `option` accepts.
std::string nearest_number(const Option& option, const std::string& value) {
  std::string pointed = value, closed;
  std::replace(pointed.begin(), pointed.end(), ',', '.');
  for (char c : value) {
    if (c != ',' && c != '_' && c != '\'') closed += c;
  }
  std::vector<std::string> candidates = {pointed, closed};
  if (value.starts_with('+')) candidates.push_back(value.substr(1));
  if (auto real = parse_real(value); real && std::abs(*real) < 1e15 && *real == std::floor(*real)) {
    candidates.push_back(std::to_string(static_cast<int64_t>(*real)));
  }
  for (const std::string& candidate : candidates) {
    if (candidate != value && is_valid(option, candidate)) return candidate;
  }
  return "";
}

}  // namespace

std::string describe_unknown_section(const std::string& section) {
  std::string near = nearest_name(lower_ascii(section), section_names());
  if (!near.empty()) return fmt::format("unknown section; did you mean [{}]?", near);
  return fmt::format("unknown section; there are [{}]", join(section_names(), "], ["));
}

std::string describe_unknown_key(const std::string& section, const std::string& key) {
  if (std::string owners = owners_of(key); !owners.empty()) {
    return fmt::format("unknown key; {} belongs to {}", key, owners);
  }
  std::string lower = lower_ascii(key);
  if (lower.starts_with(section + ".")) lower.erase(0, section.size() + 1);
  std::string near = nearest_name(lower, key_names(section));
  if (!near.empty()) {
    const Option& option = *find_option(section, near);
    return fmt::format("unknown key; did you mean {} ({})?", near, describe_option(option));
  }
  near = nearest_name(lower, key_names(""));
  if (!near.empty()) {
    return fmt::format("unknown key; did you mean {} of {}?", near, owners_of(near));
  }
  return "unknown key; \"heed options\" lists them all";
}

std::string describe_missing_section(const std::string& key) {
  std::string near = nearest_name(lower_ascii(key), key_names(""));
  if (near.empty()) return fmt::format("there are [{}]", join(section_names(), "], ["));
  return fmt::format("{} belongs to {}", near, owners_of(near));
}

std::string suggest_value(const Option& option, std::string_view value) {
  std::string meant;
  std::string lower = lower_ascii(value);
  switch (option.type) {
    case OptionType::kBoolean:
      meant = nearest_boolean(lower);
      break;
    case OptionType::kInteger:
    case OptionType::kReal:
      meant = nearest_number(option, std::string(value));
      break;
    case OptionType::kChoice:
      meant = nearest_name(lower, option.choices);
      break;
    case OptionType::kText:
    case OptionType::kTexts:
    case OptionType::kPath:
    case OptionType::kPaths:
    case OptionType::kReals:
      break;
  }
  return meant.empty() ? "" : fmt::format("; did you mean {}?", meant);
}

}  // namespace heed
