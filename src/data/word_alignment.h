// Given alignments between the words of training pairs, for guided alignment.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "alignment/link.h"
#include "alignment/words.h"
#include "data/batch.h"

namespace heed {

// A link between two words, in 4 bytes: a corpus holds many.
struct WordLink {
  uint16_t source, target;
};

// The links of a pair, and the word of each piece of its sentences (end symbols excepted).
struct AlignedPair {
  std::span<const WordLink> links;
  PieceWords source, target;
};

// The links and words of each pair of a corpus, in flat arrays.
class Alignments {
 public:
  // Links to words without a piece are left out: normalisation has removed their characters.
  // Returns whether there are any.
  bool add(const std::vector<Link>& links, const PieceWords& source, const PieceWords& target);
  // The links last until the next add.
  AlignedPair operator[](int64_t i) const;
  int64_t size() const { return links_.size(); }

 private:
  template <typename T>
  struct Rows {
    std::vector<T> items;
    std::vector<uint64_t> starts{0};

    void end_row() { starts.push_back(items.size()); }
    int64_t size() const { return std::ssize(starts) - 1; }
    std::span<const T> operator[](int64_t i) const {
      return {items.data() + starts[i], items.data() + starts[i + 1]};
    }
  };
  static void add_words(const PieceWords& words, Rows<uint16_t>& rows);

  Rows<WordLink> links_;
  Rows<uint16_t> source_, target_;
};

// Batch::alignment of a batch whose row i is pair pairs[i]: [B, T, S], 1 where a piece of the
// target and one of the source belong to words that are linked.
std::vector<float> alignment_of(const Batch& batch, const std::vector<AlignedPair>& pairs);

}  // namespace heed
