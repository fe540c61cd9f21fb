#include "alignment/pharaoh.h"

#include <algorithm>
#include <tuple>

#include "util/error.h"
#include "util/text.h"

namespace heed {
namespace {

Link parse_link(const std::string& text, const std::string& where) {
  size_t mark = text.find_first_of("-?p");
  std::optional<int64_t> source, target;
  if (mark != std::string::npos) {
    source = parse_int(std::string_view(text).substr(0, mark));
    target = parse_int(std::string_view(text).substr(mark + 1));
  }
  if (!source || !target || *source < 0 || *target < 0) {
    fail(
        "{}: '{}' is no alignment link; write SOURCE-TARGET, counted from 0 (0-0 1-2), or "
        "SOURCE?TARGET for a link that is possible but not sure",
        where, printable(text, 40));
  }
  return {*source, *target, text[mark] == '-'};
}

}  // namespace

std::vector<Link> parse_pharaoh(std::string_view line, const std::string& where) {
  std::vector<Link> links;
  for (const std::string& word : split_words(line)) links.push_back(parse_link(word, where));
  // A sure link comes before its possible twin and so is the one that stays.
  std::ranges::sort(
      links, {}, [](const Link& link) { return std::tuple(link.source, link.target, !link.sure); });
  auto twins = [](const Link& a, const Link& b) {
    return a.source == b.source && a.target == b.target;
  };
  links.erase(std::unique(links.begin(), links.end(), twins), links.end());
  return links;
}

void check_links(const std::vector<Link>& links, const PairWords& words, const std::string& where) {
  for (const Link& link : links) {
    if (link.source < words.source && (!words.target || link.target < *words.target)) continue;
    std::string target = words.target ? fmt::format(" and the target's {}", *words.target) : "";
    fail(
        "{}: the link {}-{} points beyond the source's {}{} words; links are SOURCE-TARGET, count "
        "from 0, and words are what spaces separate",
        where, link.source, link.target, words.source, target);
  }
}

std::string print_pharaoh(const std::vector<Link>& links) {
  std::string line;
  for (const Link& link : links) {
    if (!line.empty()) line += ' ';
    line += fmt::format("{}{}{}", link.source, link.sure ? '-' : '?', link.target);
  }
  return line;
}

}  // namespace heed
