// Attention between pieces as attention between words, and the links that it makes.
#pragma once

#include <span>
#include <vector>

#include "alignment/attention_statistics.h"
#include "alignment/link.h"
#include "alignment/words.h"

namespace heed {

// [rows, columns] of words, row-major.
struct WordWeights {
  std::vector<float> weights;
  size_t columns = 0;

  WeightRows view() const { return {weights, columns}; }
};

// Merges [rows, columns] of pieces to [rows, columns] of words, up to the last word that has a
// piece. Columns are summed: attention to a word is attention to any of its pieces. Rows are
// averaged, so that each still sums to 1. Pieces of no word are left out. Throws Error where
// the weights do not fit the pieces.
WordWeights merge_to_words(std::span<const float> weights, std::span<const int> row_words,
                           std::span<const int> column_words);

// The link of each row to its strongest column (the first of equals), none for a row without
// attention. Rows are target words, columns source words.
std::vector<Link> hard_links(const WeightRows& weights);

}  // namespace heed
