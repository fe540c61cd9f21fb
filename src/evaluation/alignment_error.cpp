#include "evaluation/alignment_error.h"

#include <algorithm>
#include <tuple>

#include "util/error.h"
#include "util/text.h"

namespace heed {
namespace {

double ratio(int64_t part, int64_t whole) {
  return whole == 0 ? 1.0 : static_cast<double>(part) / static_cast<double>(whole);
}

auto place(const AlignmentLink& link) { return std::tuple(link.source, link.target); }

AlignmentLink parse_link(const std::string& text, const std::string& where,
                         const PharaohOptions& options) {
  size_t mark = text.find_first_of("-?p");
  std::optional<int64_t> source, target;
  if (mark != std::string::npos) {
    source = parse_int(std::string_view(text).substr(0, mark));
    target = parse_int(std::string_view(text).substr(mark + 1));
  }
  if (!source || !target) {
    fail(
        "{}: '{}' is no alignment link; write SOURCE-TARGET (0-0 1-2), or SOURCE?TARGET for a link "
        "that is possible but not sure",
        where, text);
  }
  if (*source < options.first_position || *target < options.first_position) {
    fail(
        "{}: link '{}' lies before the first position, {}; check whether the file counts from 0 or "
        "from 1",
        where, text, options.first_position);
  }
  return {*source - options.first_position, *target - options.first_position, text[mark] == '-'};
}

}  // namespace

std::vector<AlignmentLink> parse_pharaoh(std::string_view line, const std::string& where,
                                         const PharaohOptions& options) {
  std::vector<AlignmentLink> links;
  for (const std::string& word : split_words(line)) {
    links.push_back(parse_link(word, where, options));
  }
  // A sure link before its possible twin, so that it is the one that stays.
  std::sort(links.begin(), links.end(), [](const AlignmentLink& a, const AlignmentLink& b) {
    return std::tuple(place(a), !a.sure) < std::tuple(place(b), !b.sure);
  });
  auto twin = [](const AlignmentLink& a, const AlignmentLink& b) { return place(a) == place(b); };
  links.erase(std::unique(links.begin(), links.end(), twin), links.end());
  return links;
}

AlignmentCounts& AlignmentCounts::operator+=(const AlignmentCounts& other) {
  links += other.links;
  sure += other.sure;
  matched_sure += other.matched_sure;
  matched_possible += other.matched_possible;
  return *this;
}

double AlignmentCounts::precision() const { return ratio(matched_possible, links); }
double AlignmentCounts::recall() const { return ratio(matched_sure, sure); }
double AlignmentCounts::error_rate() const {
  return 1 - ratio(matched_sure + matched_possible, links + sure);
}

AlignmentCounts compare_alignments(const std::vector<AlignmentLink>& links,
                                   const std::vector<AlignmentLink>& gold) {
  AlignmentCounts counts;
  counts.links = static_cast<int64_t>(links.size());
  for (const AlignmentLink& wanted : gold) {
    bool found = std::any_of(links.begin(), links.end(), [&](const AlignmentLink& link) {
      return place(link) == place(wanted);
    });
    counts.sure += wanted.sure;
    counts.matched_sure += wanted.sure && found;
    counts.matched_possible += found;
  }
  return counts;
}

AlignmentCounts compare_alignments(const AlignmentFile& links, const AlignmentFile& gold) {
  if (links.lines.size() != gold.lines.size()) {
    fail("alignments: {} has {} lines but {} has {}; each sentence pair needs its own line in both",
         links.name, links.lines.size(), gold.name, gold.lines.size());
  }
  if (links.lines.empty()) {
    fail("alignments: {} and {} are empty; give at least one line", links.name, gold.name);
  }
  AlignmentCounts total;
  for (size_t i = 0; i < links.lines.size(); ++i) {
    auto parse = [&](const AlignmentFile& file) {
      return parse_pharaoh(file.lines[i], fmt::format("{}:{}", file.name, i + 1), file.options);
    };
    std::vector<AlignmentLink> found = parse(links);
    total += compare_alignments(found, parse(gold));
  }
  return total;
}

std::string alignment_line(const AlignmentCounts& counts) {
  return fmt::format("AER = {:.3f} precision = {:.3f} recall = {:.3f} (links = {} sure = {})",
                     counts.error_rate(), counts.precision(), counts.recall(), counts.links,
                     counts.sure);
}

}  // namespace heed
