// A value that is one of a few names, which its type lists: Choice<"pre", "post">. A name in the
// code that is not one of them does not compile, so that a comparison with a misspelt one cannot be
// written.
#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace heed {

// A name as an argument of a template.
template <size_t kSize>
struct Name {
  // NOLINTNEXTLINE(google-explicit-constructor)
  consteval Name(const char (&name)[kSize]) { std::copy_n(name, kSize, text); }
  char text[kSize];
};

template <Name... kNames>
class Choice {
 public:
  static constexpr std::array<std::string_view, sizeof...(kNames)> names = {kNames.text...};

  constexpr Choice() = default;  // the first of them
  // Of a name that stands in the code.
  // NOLINTNEXTLINE(google-explicit-constructor)
  consteval Choice(const char* name) : index_(index_of(name)) {
    if (index_ == names.size()) throw "none of the names";  // does not compile
  }
  // Of a name that comes from outside, or nothing where it is none of them.
  static constexpr std::optional<Choice> find(std::string_view name) {
    Choice choice;
    choice.index_ = index_of(name);
    return choice.index_ < names.size() ? std::optional(choice) : std::nullopt;
  }

  constexpr std::string_view name() const { return names[index_]; }

  friend constexpr auto operator<=>(Choice, Choice) = default;

 private:
  static constexpr uint8_t index_of(std::string_view name) {
    return static_cast<uint8_t>(std::ranges::find(names, name) - names.begin());
  }

  uint8_t index_ = 0;
};

}  // namespace heed

template <heed::Name... kNames>
struct fmt::formatter<heed::Choice<kNames...>> {
  constexpr auto parse(fmt::format_parse_context& context) { return context.begin(); }
  template <typename Context>
  auto format(const heed::Choice<kNames...>& choice, Context& context) const {
    return std::ranges::copy(choice.name(), context.out()).out;
  }
};
