#include "data/word_alignment.h"

#include <algorithm>

namespace heed {

bool Alignments::add(const std::vector<Link>& links, const PieceWords& source,
                     const PieceWords& target) {
  bool all = true;
  for (const Link& link : links) {
    bool has_pieces =
        std::ranges::count(source, link.source) > 0 && std::ranges::count(target, link.target) > 0;
    all = all && has_pieces;
    if (!has_pieces) continue;
    links_.items.push_back(
        {static_cast<uint16_t>(link.source), static_cast<uint16_t>(link.target)});
  }
  links_.end_row();
  add_words(source, source_);
  add_words(target, target_);
  return !all;
}

// Only Tokenizer::kMaxBytes of a text have pieces, so that 16 bits number their words.
void Alignments::add_words(const PieceWords& words, Rows<uint16_t>& rows) {
  for (int word : words) rows.items.push_back(static_cast<uint16_t>(word));
  rows.end_row();
}

AlignedPair Alignments::operator[](int64_t i) const {
  auto source = source_[i], target = target_[i];
  return {links_[i], {source.begin(), source.end()}, {target.begin(), target.end()}};
}

std::vector<float> alignment_of(const Batch& batch, const std::vector<AlignedPair>& pairs) {
  int64_t target_columns = batch.target_output.columns, source_columns = batch.source.columns;
  std::vector<float> matrix(batch.source.rows * target_columns * source_columns, 0);
  for (size_t row = 0; row < pairs.size(); ++row) {
    const AlignedPair& pair = pairs[row];
    for (WordLink link : pair.links) {
      for (size_t t = 0; t < pair.target.size(); ++t) {
        if (pair.target[t] != link.target) continue;
        float* out = matrix.data() + (row * target_columns + t) * source_columns;
        for (size_t s = 0; s < pair.source.size(); ++s) {
          if (pair.source[s] == link.source) out[s] = 1;
        }
      }
    }
  }
  return matrix;
}

}  // namespace heed
