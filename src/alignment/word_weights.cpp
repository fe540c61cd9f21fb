#include "alignment/word_weights.h"

#include <algorithm>

#include "util/error.h"

namespace heed {
namespace {

size_t count_from(std::span<const int> words) {
  return words.empty() ? 0 : static_cast<size_t>(std::ranges::max(words) + 1);
}

}  // namespace

WordWeights merge_to_words(std::span<const float> weights, std::span<const int> row_words,
                           std::span<const int> column_words) {
  size_t rows = row_words.size(), columns = column_words.size();
  if (weights.size() != rows * columns) {
    fail("merging to words: expected {} x {} = {} weights, got {}", rows, columns, rows * columns,
         weights.size());
  }
  WordWeights merged{{}, count_from(column_words)};
  merged.weights.resize(count_from(row_words) * merged.columns);
  std::vector<int> pieces(count_from(row_words));  // of each row's word
  for (int word : row_words) {
    if (word != kNoWord) ++pieces[word];
  }
  for (size_t i = 0; i < rows; ++i) {
    if (row_words[i] == kNoWord) continue;
    float* row = merged.weights.data() + row_words[i] * merged.columns;
    for (size_t j = 0; j < columns; ++j) {
      if (column_words[j] == kNoWord) continue;
      row[column_words[j]] += weights[i * columns + j] / static_cast<float>(pieces[row_words[i]]);
    }
  }
  return merged;
}

std::vector<Link> hard_links(const WeightRows& weights) {
  std::vector<Link> links;
  for (size_t i = 0; i < weights.rows(); ++i) {
    std::span<const float> row = weights.row(i);
    auto best = std::ranges::max_element(row);
    if (*best > 0) links.push_back({best - row.begin(), static_cast<int64_t>(i)});
  }
  return links;
}

}  // namespace heed
