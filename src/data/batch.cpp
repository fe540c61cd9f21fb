#include "data/batch.h"

#include <algorithm>
#include <numeric>

namespace heed {
namespace {

// An IdMatrix for sentences one id longer than given, full of padding.
IdMatrix empty_matrix(const std::vector<SentenceView>& sentences, int32_t pad) {
  IdMatrix matrix;
  matrix.rows = static_cast<int64_t>(sentences.size());
  for (SentenceView sentence : sentences) {
    matrix.lengths.push_back(static_cast<int64_t>(sentence.size()) + 1);
    matrix.columns = std::max(matrix.columns, matrix.lengths.back());
  }
  matrix.ids.assign(matrix.rows * matrix.columns, pad);
  return matrix;
}

}  // namespace

int64_t IdMatrix::tokens() const {
  return std::accumulate(lengths.begin(), lengths.end(), int64_t{0});
}

IdMatrix pad_sentences(const std::vector<SentenceView>& sentences, const SpecialIds& special) {
  IdMatrix matrix = empty_matrix(sentences, special.pad);
  for (int64_t row = 0; row < matrix.rows; ++row) {
    auto end = std::copy(sentences[row].begin(), sentences[row].end(),
                         matrix.ids.begin() + row * matrix.columns);
    *end = special.end;
  }
  return matrix;
}

Batch make_batch(const std::vector<SentenceView>& source, const std::vector<SentenceView>& target,
                 const SpecialIds& source_special, const SpecialIds& target_special) {
  Batch batch;
  batch.source = pad_sentences(source, source_special);
  batch.target_output = pad_sentences(target, target_special);
  batch.target_input = empty_matrix(target, target_special.pad);
  IdMatrix& input = batch.target_input;
  for (int64_t row = 0; row < input.rows; ++row) {
    auto start = input.ids.begin() + row * input.columns;
    *start = target_special.begin;
    std::copy(target[row].begin(), target[row].end(), start + 1);
  }
  return batch;
}

}  // namespace heed
