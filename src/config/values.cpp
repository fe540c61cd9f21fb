#include "config/values.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "util/text.h"

namespace heed {
namespace {

constexpr std::string_view kEscapedInPaths = ",\\ \t";

bool in_range(const Range& range, double value) {
  if (range.above_minimum ? value <= range.minimum : value < range.minimum) return false;
  return value <= range.maximum;
}

}  // namespace

bool parse_value(std::string_view text, const Option& option, int64_t& out) {
  if (option.range.automatic && text == "auto") {
    out = 0;
    return true;
  }
  auto value = parse_int(text);
  if (!value || !in_range(option.range, static_cast<double>(*value))) return false;
  out = *value;
  return true;
}

bool parse_value(std::string_view text, const Option& option, double& out) {
  auto value = parse_real(text);
  if (!value || !in_range(option.range, *value)) return false;
  out = *value;
  return true;
}

bool parse_value(std::string_view text, const Option&, bool& out) {
  if (text != "true" && text != "false") return false;
  out = text == "true";
  return true;
}

bool parse_value(std::string_view text, const Option&, std::string& out) {
  out = std::string(text);
  return true;
}

bool parse_value(std::string_view text, const Option& option, std::vector<std::string>& out) {
  std::vector<std::string> items;
  if (!trim(text).empty()) items = split_paths(text);
  for (const std::string& item : items) {
    if (item.empty()) return false;
    if (!option.choices.empty() && std::ranges::count(option.choices, item) == 0) return false;
  }
  out = std::move(items);
  return true;
}

bool parse_value(std::string_view text, const Option& option, std::vector<double>& out) {
  std::vector<double> values;
  if (!trim(text).empty()) {
    for (const std::string& part : split(text, ',')) {
      if (!parse_value(trim(part), option, values.emplace_back())) return false;
    }
  }
  out = std::move(values);
  return true;
}

std::string print_value(int64_t value) { return std::to_string(value); }
std::string print_value(double value) { return fmt::format("{}", value); }
std::string print_value(bool value) { return value ? "true" : "false"; }
std::string print_value(const std::string& value) { return value; }
std::string print_value(const std::vector<std::string>& value) { return join_paths(value); }
std::string print_value(const std::vector<double>& value) {
  std::vector<std::string> texts;
  for (double one : value) texts.push_back(print_value(one));
  return join(texts, ", ");
}

std::vector<std::string> split_paths(std::string_view text) {
  std::vector<std::string> paths(1);
  size_t kept = 0;  // bytes of the last path up to which no space is an outer one
  for (size_t at = 0; at < text.size(); ++at) {
    std::string& path = paths.back();
    char c = text[at];
    if (c == ',') {
      path.resize(kept);
      paths.emplace_back();
      kept = 0;
      continue;
    }
    bool blank = c == ' ' || c == '\t';
    if (blank && path.empty()) continue;
    bool escape = c == '\\' && at + 1 < text.size() &&
                  kEscapedInPaths.find(text[at + 1]) != std::string_view::npos;
    path += escape ? text[++at] : c;
    if (!blank) kept = path.size();
  }
  paths.back().resize(kept);
  return paths;
}

std::string join_paths(const std::vector<std::string>& paths) {
  std::string text;
  for (const std::string& path : paths) {
    if (!text.empty()) text += ", ";
    for (size_t at = 0; at < path.size(); ++at) {
      char c = path[at];
      bool outer = at == 0 || at + 1 == path.size();
      if (c == ',' || c == '\\' || (outer && (c == ' ' || c == '\t'))) text += '\\';
      text += c;
    }
  }
  return text;
}

std::string describe_values(const Option& option) {
  switch (option.type) {
    case OptionType::kBoolean:
      return "true or false";
    case OptionType::kChoice:
      return option.choices.size() == 1 ? option.choices[0]
                                        : "one of " + join(option.choices, ", ");
    case OptionType::kText:
      return "text";
    case OptionType::kTexts:
      return option.choices.empty()
                 ? "texts separated by commas"
                 : "some of " + join(option.choices, ", ") + ", separated by commas";
    case OptionType::kPath:
      return "a path";
    case OptionType::kPaths:
      return "paths separated by commas";
    case OptionType::kReals:
    case OptionType::kInteger:
    case OptionType::kReal:
      break;
  }
  std::string kind = option.type == OptionType::kInteger ? "integer"
                     : option.type == OptionType::kReal  ? "real"
                                                         : "reals separated by commas, each";
  const Range& range = option.range;
  if (range.automatic) kind = "auto or " + kind;
  if (std::isinf(range.minimum)) return kind;
  if (std::isinf(range.maximum)) {
    return fmt::format("{} {} {}", kind, range.above_minimum ? ">" : ">=", range.minimum);
  }
  if (range.above_minimum) {
    return fmt::format("{} > {}, at most {}", kind, range.minimum, range.maximum);
  }
  return fmt::format("{} from {} to {}", kind, range.minimum, range.maximum);
}

}  // namespace heed
