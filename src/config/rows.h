// How the option table's rows are written down: Rows(table, "section", &Config::section).row(...).
#pragma once

#include <fmt/format.h>

#include <limits>
#include <type_traits>
#include <utility>

#include "config/choice.h"
#include "config/options.h"
#include "config/values.h"
#include "util/text.h"

namespace heed {

constexpr auto kFixed = OnResume::kFixed;
constexpr auto kMayChange = OnResume::kMayChange;

inline Range at_least(double minimum) { return {minimum}; }
inline Range above(double minimum) {
  return {minimum, std::numeric_limits<double>::infinity(), true};
}
// `auto`, 0 in Config, or an integer from `minimum` on, which is above 0.
inline Range automatic_or(double minimum,
                          double maximum = std::numeric_limits<double>::infinity()) {
  return {minimum, maximum, false, true};
}
inline Range above_to(double minimum, double maximum) { return {minimum, maximum, true}; }
inline Range between(double minimum, double maximum) { return {minimum, maximum}; }

template <typename T>
concept OneOfNames = requires {
  T::names;
};

template <typename T>
OptionType type_of() {
  if constexpr (std::is_same_v<T, int64_t>) return OptionType::kInteger;
  if constexpr (std::is_same_v<T, double>) return OptionType::kReal;
  if constexpr (std::is_same_v<T, bool>) return OptionType::kBoolean;
  if constexpr (std::is_same_v<T, std::vector<std::string>>) return OptionType::kTexts;
  if constexpr (std::is_same_v<T, std::vector<double>>) return OptionType::kReals;
  return OneOfNames<T> ? OptionType::kChoice : OptionType::kText;
}

// What a row adds to its name, field, default and help.
struct Limits {
  Range range{};
  std::vector<std::string> choices{};
  bool path = false;
};

inline Limits in(Range range) { return {range}; }
inline Limits one_of(std::vector<std::string> choices) { return {{}, std::move(choices)}; }
inline const Limits kAny{};
inline const Limits kFilePath{{}, {}, true};

// Collects the rows of one section, whose struct is `Section`.
template <typename Section>
class Rows {
 public:
  Rows(std::vector<Option>& table, std::string section, Section Config::*member)
      : table_(table), section_(std::move(section)), member_(member) {}

  template <typename T>
  Rows& row(std::string key, T Section::*field, std::string default_value, const Limits& limits,
            OnResume on_resume, std::string help) {
    Option option{section_,
                  std::move(key),
                  type_of<T>(),
                  std::move(default_value),
                  limits.range,
                  limits.choices,
                  std::move(help),
                  on_resume,
                  {},
                  {}};
    if constexpr (OneOfNames<T>) option.choices.assign(T::names.begin(), T::names.end());
    if (limits.path && option.type == OptionType::kText) option.type = OptionType::kPath;
    if (limits.path && option.type == OptionType::kTexts) option.type = OptionType::kPaths;
    option.get = [member = member_, field, range = limits.range](const Config& config) {
      std::string text = print_value(config.*member.*field);
      return range.automatic && text == "0" ? "auto" : text;
    };
    Option rules = option;
    option.set = [member = member_, field, rules](
                     Config& config, std::string_view text) -> std::optional<std::string> {
      if (parse_value(text, rules, config.*member.*field)) return std::nullopt;
      std::string got =
          text.empty() ? "an empty value" : fmt::format("\"{}\"", printable(text, 80));
      return fmt::format("expected {}, got {}", describe_values(rules), got);
    };
    table_.push_back(std::move(option));
    return *this;
  }

 private:
  std::vector<Option>& table_;
  std::string section_;
  Section Config::*member_;
};

// Rows that stand in files of their own.
void add_server_rows(std::vector<Option>& table);
void add_decoding_rows(std::vector<Option>& table);
void add_transformer_form_rows(std::vector<Option>& table);
void add_objective_rows(Rows<TrainingConfig>& rows);
void add_starting_rows(Rows<TrainingConfig>& rows);
void add_piece_rows(Rows<TokenizerConfig>& rows);
void add_tag_rows(Rows<DataConfig>& rows);

}  // namespace heed
