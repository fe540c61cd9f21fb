// The text of an option's value, to and from the types that Config's fields have.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/choice.h"
#include "config/options.h"

namespace heed {

// Parses `text` by the option's range or choices; false leaves `out` alone.
bool parse_value(std::string_view text, const Option& option, int64_t& out);
bool parse_value(std::string_view text, const Option& option, double& out);
bool parse_value(std::string_view text, const Option& option, bool& out);
bool parse_value(std::string_view text, const Option& option, std::string& out);
bool parse_value(std::string_view text, const Option& option, std::vector<std::string>& out);
bool parse_value(std::string_view text, const Option& option, std::vector<double>& out);
template <Name... kNames>
bool parse_value(std::string_view text, const Option&, Choice<kNames...>& out) {
  auto choice = Choice<kNames...>::find(text);
  if (choice) out = *choice;
  return choice.has_value();
}

// The shortest text that parses to the same value.
std::string print_value(int64_t value);
std::string print_value(double value);
std::string print_value(bool value);
std::string print_value(const std::string& value);
std::string print_value(const std::vector<std::string>& value);
std::string print_value(const std::vector<double>& value);
template <Name... kNames>
std::string print_value(const Choice<kNames...>& value) {
  return std::string(value.name());
}

// What a value may be, e.g. "real > 0", "one of gru, lstm", "integer from 1 to 64".
std::string describe_values(const Option& option);

// A list of paths or texts as it is written: a comma, a backslash or an outer space inside one has
// a backslash before it.
std::vector<std::string> split_paths(std::string_view text);
std::string join_paths(const std::vector<std::string>& paths);

}  // namespace heed
