// Parallel text as pairs of piece ids, kept in flat arrays: 4 bytes a piece and 16 a pair.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "config/data_config.h"
#include "data/parallel_text.h"
#include "data/round_trip.h"
#include "data/word_alignment.h"
#include "tokenizer/tokenizer.h"

namespace heed {

// Why pairs were left out; a pair is always dropped as a pair.
struct FilterCounts {
  int64_t read = 0, kept = 0;
  int64_t blank = 0;      // one side, or both, without text
  int64_t too_long = 0;   // more than data.max_length pieces on a side
  int64_t ratio = 0;      // sides differ by more than data.max_length_ratio
  int64_t unmatched = 0;  // kept pairs with links to words that have no piece
  int64_t linked = 0;     // kept pairs with a link

  void add(const FilterCounts& more);
  // "29,000 pairs read, 28,990 kept; dropped: 4 blank, 6 over 100 pieces"
  std::string summary(const DataConfig& limits) const;
};

// Sentences of one side, without begin and end symbols.
class Sentences {
 public:
  void add(const std::vector<int32_t>& ids);
  std::span<const int32_t> operator[](int64_t i) const {
    return {ids_.data() + starts_[i], ids_.data() + starts_[i + 1]};
  }
  int64_t length(int64_t i) const { return static_cast<int64_t>(starts_[i + 1] - starts_[i]); }
  int64_t size() const { return static_cast<int64_t>(starts_.size()) - 1; }
  std::string checksum() const;

 private:
  std::vector<int32_t> ids_;
  std::vector<uint64_t> starts_{0};
};

struct Corpus {
  Sentences source, target;
  Alignments alignments;  // one entry a pair where alignments are given, else none
  FilterCounts counts;
  RoundTrip round_trip;  // of the kept targets

  int64_t size() const { return source.size(); }
  // Of all ids: tells whether a resumed training has the same data.
  std::string checksum() const { return source.checksum() + target.checksum(); }
};

// The two sides' tokenizers; one and the same object where the vocabulary is shared.
struct TokenizerPair {
  const Tokenizer& source;
  const Tokenizer& target;
};

struct ReadOptions {
  int64_t most = INT64_MAX;  // of more lines, about so many are drawn, evenly over all files
  uint64_t seed = 1;         // of the draw
  int64_t threads = 2;
};

// The pairs that filters leave, in the text's order. Throws Error with the counts by reason where
// no pair is kept, UsageError for a tag that the vocabulary does not have.
Corpus read_corpus(const ParallelText& text, const TokenizerPair& tokenizers,
                   const DataConfig& limits, const ReadOptions& options);

}  // namespace heed
