#include "decoding/alignment.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "util/text.h"

namespace heed {
namespace {

// The unit of each piece that is no end symbol.
std::vector<int64_t> units_of(const std::vector<std::string>& pieces, AlignmentUnit unit) {
  std::vector<int64_t> units = word_of_pieces(pieces);
  if (unit == AlignmentUnit::kPiece) std::iota(units.begin(), units.end(), 0);
  return units;
}

}  // namespace

std::vector<int64_t> word_of_pieces(const std::vector<std::string>& pieces) {
  std::vector<int64_t> words;
  int64_t word = -1;
  auto ends = [&](size_t i) {
    return i == pieces.size() || pieces[i] == "</s>" || pieces[i].starts_with(kWordMark);
  };
  for (size_t i = 0; i < pieces.size() && pieces[i] != "</s>"; ++i) {
    // A mark that nothing follows is a space too many: there is no such word in the text.
    bool empty = pieces[i] == kWordMark && ends(i + 1);
    if (!empty && (word < 0 || pieces[i].starts_with(kWordMark))) ++word;
    words.push_back(std::max<int64_t>(word, 0));
  }
  return words;
}

std::vector<Link> hard_alignment(const Translation& translation, AlignmentUnit unit) {
  std::vector<int64_t> source_units = units_of(translation.source_pieces, unit);
  std::vector<int64_t> target_units = units_of(translation.target_pieces, unit);
  if (source_units.empty() || target_units.empty()) return {};
  int64_t sources = source_units.back() + 1, targets = target_units.back() + 1;
  std::vector<std::vector<double>> mass(targets, std::vector<double>(sources));
  for (size_t row = 0; row < std::min(target_units.size(), translation.attention.size()); ++row) {
    for (size_t column = 0; column < source_units.size(); ++column) {
      mass[target_units[row]][source_units[column]] += translation.attention[row][column];
    }
  }
  std::vector<Link> links;
  for (int64_t target = 0; target < targets; ++target) {
    auto best = std::max_element(mass[target].begin(), mass[target].end());
    links.push_back({best - mass[target].begin(), target});
  }
  return links;
}

std::string pharaoh(const std::vector<Link>& links) {
  std::vector<std::string> pairs;
  for (const Link& link : links) pairs.push_back(fmt::format("{}-{}", link.source, link.target));
  return join(pairs, " ");
}

}  // namespace heed
