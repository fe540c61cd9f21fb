#include "data/word_alignment.h"

#include <limits>

#include "data/corpus.h"
#include "evaluation/alignment_error.h"
#include "util/error.h"
#include "util/text.h"

namespace heed {
namespace {

// For each word the columns of its pieces in row `row`, as [first, end).
struct Columns {
  int64_t first, end;
};
std::vector<Columns> word_columns(const IdMatrix& matrix, int64_t row, const Tokenizer& tokenizer) {
  std::vector<Columns> words;
  int64_t pieces = matrix.lengths[row] - 1;  // the end symbol belongs to no word
  for (int64_t column = 0; column < pieces; ++column) {
    auto id = static_cast<int32_t>(matrix.ids[row * matrix.columns + column]);
    if (words.empty() || tokenizer.starts_word(id)) words.push_back({column, column});
    words.back().end = column + 1;
  }
  return words;
}

}  // namespace

void Alignments::add(const std::vector<WordLink>& links) {
  links_.insert(links_.end(), links.begin(), links.end());
  starts_.push_back(links_.size());
}

std::vector<WordLink> parse_links(const std::string& line, const std::string& source,
                                  const std::string& target, const std::string& where) {
  auto source_words = static_cast<int64_t>(split_words(source).size());
  auto target_words = static_cast<int64_t>(split_words(target).size());
  std::vector<WordLink> links;
  for (const AlignmentLink& link : parse_pharaoh(line, where)) {
    if (link.source >= source_words || link.target >= target_words) {
      fail(
          "{}: the link {}-{} points beyond the pair's {} and {} words (counted from 0, as white "
          "space separates them)",
          where, link.source, link.target, source_words, target_words);
    }
    if (std::max(link.source, link.target) > std::numeric_limits<uint16_t>::max()) continue;
    links.push_back({static_cast<uint16_t>(link.source), static_cast<uint16_t>(link.target)});
  }
  return links;
}

std::vector<float> alignment_of(const Batch& batch, const Alignments& alignments,
                                const std::vector<int64_t>& pairs,
                                const TokenizerPair& tokenizers) {
  int64_t rows = batch.source.rows;
  int64_t target_columns = batch.target_output.columns, source_columns = batch.source.columns;
  std::vector<float> matrix(rows * target_columns * source_columns, 0);
  for (int64_t row = 0; row < rows; ++row) {
    auto source = word_columns(batch.source, row, tokenizers.source);
    auto target = word_columns(batch.target_output, row, tokenizers.target);
    for (WordLink link : alignments[pairs[row]]) {
      // Normalisation may have joined or removed words.
      if (link.source >= source.size() || link.target >= target.size()) continue;
      for (int64_t t = target[link.target].first; t < target[link.target].end; ++t) {
        float* out = matrix.data() + (row * target_columns + t) * source_columns;
        std::fill(out + source[link.source].first, out + source[link.source].end, 1.0f);
      }
    }
  }
  return matrix;
}

}  // namespace heed
