// THE table: one row an option. From a row come the INI key, the flag --section.key, the help, the
// reference, the range checks and the refusal to resume with a different model.
#pragma once

#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"

namespace heed {

enum class OptionType { kInteger, kReal, kReals, kBoolean, kText, kTexts, kChoice, kPath, kPaths };

// Whether a resumed training may have another value than the one it began with.
enum class OnResume { kMayChange, kFixed };

struct Range {
  double minimum = -std::numeric_limits<double>::infinity();
  double maximum = std::numeric_limits<double>::infinity();
  bool above_minimum = false;  // minimum itself is not allowed
  bool automatic = false;      // an integer may be "auto", which is 0 in Config
};

struct Option {
  std::string section, key;
  OptionType type;
  std::string default_value;  // as written in an INI file
  Range range;
  std::vector<std::string> choices;
  std::string help;
  OnResume on_resume;
  // Parses `text` into the field; on failure leaves it alone and says what was expected.
  std::function<std::optional<std::string>(Config&, std::string_view text)> set;
  // The field as it would be written in an INI file.
  std::function<std::string(const Config&)> get;

  std::string name() const { return section + "." + key; }
};

// All rows, grouped by section in the order of the INI reference.
const std::vector<Option>& option_table();
// The sections in order, each with a line that says what it holds.
struct Section {
  std::string name, help;
  bool of_model = true;  // whether a model's own configuration has it
};
const std::vector<Section>& section_table();

// The row of section and key, or nullptr.
const Option* find_option(std::string_view section, std::string_view key);
// The row that Option::name() gives this name: "model.layers". It must be there.
const Option& option_named(std::string_view name);

// The rows of [model] that a model is made with, and that cannot change afterwards.
std::vector<const Option*> fixed_model_options();

// Every field at its default.
Config default_config();

}  // namespace heed
