// Pairs of a corpus as rectangles of ids, padded on the right.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tokenizer/tokenizer.h"

namespace heed {

// Ids [rows, columns], row-major; row i holds lengths[i] ids, then padding.
struct IdMatrix {
  int64_t rows = 0, columns = 0;
  std::vector<int64_t> ids;
  std::vector<int64_t> lengths;

  int64_t tokens() const;  // sum of lengths: padding not counted
};

// source [B, S]: pieces, end. target_input [B, T]: begin, pieces. target_output [B, T]: pieces,
// end.
struct Batch {
  IdMatrix source, target_input, target_output;
  // [B, T, S]: 1 where target and source piece are aligned; empty without given alignments.
  std::vector<float> alignment;
};

using SentenceView = std::span<const int32_t>;

// Each sentence with the end symbol appended.
IdMatrix pad_sentences(const std::vector<SentenceView>& sentences, const SpecialIds& special);

Batch make_batch(const std::vector<SentenceView>& source, const std::vector<SentenceView>& target,
                 const SpecialIds& source_special, const SpecialIds& target_special);

}  // namespace heed
