#include "decoding/alignment.h"

#include <numeric>

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

WordWeights merge_attention(const Translation& translation, const PieceWords& target_units,
                            const PieceWords& source_units) {
  std::vector<float> weights;
  for (const std::vector<float>& row : translation.attention) {
    weights.insert(weights.end(), row.begin(), row.end());
  }
  return merge_to_words(weights, target_units, source_units);
}

std::vector<Link> hard_alignment(const Translation& translation, AlignmentUnit unit) {
  WordWeights words = merge_attention(translation, units_of(translation.target_words, unit),
                                      units_of(translation.source_words, unit));
  return hard_links(words.view());
}

}  // namespace heed
