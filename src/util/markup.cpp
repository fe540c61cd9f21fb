#include "util/markup.h"

#include <algorithm>
#include <array>

#include "util/error.h"
#include "util/text.h"

namespace heed {
namespace {

constexpr std::array<std::string_view, 14> kBeginnings = {
    "<?xml", "<!doctype", "<refset", "<srcset", "<tstset", "<mteval", "<dataset",
    "<tmx",  "<xliff",    "<html",   "<seg>",   "<seg ",   "<doc>",   "<doc "};

}  // namespace

bool begins_markup(std::string_view line) {
  std::string beginning = lower_ascii(trim(truncate_utf8(line, 200)));
  return std::ranges::any_of(kBeginnings,
                             [&](std::string_view tag) { return beginning.starts_with(tag); });
}

void refuse_markup(const std::vector<std::string>& lines, const std::string& path) {
  auto first = std::ranges::find_if_not(lines, [](const auto& line) { return is_blank(line); });
  if (first == lines.end() || !begins_markup(*first)) return;
  fail(
      "{}:{}: \"{}\" begins SGM or XML, and plain text is wanted, a segment a line; take the text "
      "out of its tags first",
      path, first - lines.begin() + 1, printable(trim(*first), 60));
}

}  // namespace heed
