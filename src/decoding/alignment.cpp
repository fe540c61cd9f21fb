#include "decoding/alignment.h"

#include <numeric>

#include "alignment/word_weights.h"

namespace heed {
namespace {

// The unit of each piece.
PieceWords units_of(const PieceWords& words, AlignmentUnit unit) {
  PieceWords units = words;
  if (unit == AlignmentUnit::kWord || units.empty()) return units;
  std::iota(units.begin(), units.end() - 1, 0);  // all but the end symbol
  return units;
}

}  // namespace

std::vector<Link> hard_alignment(const Translation& translation, AlignmentUnit unit) {
  std::vector<float> weights;
  for (const std::vector<float>& row : translation.attention) {
    weights.insert(weights.end(), row.begin(), row.end());
  }
  WordWeights words = merge_to_words(weights, units_of(translation.target_words, unit),
                                     units_of(translation.source_words, unit));
  return hard_links(words.view());
}

}  // namespace heed
