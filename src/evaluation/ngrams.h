// N-grams of one sentence at a time, in a table that is emptied in no time and used again: memory
// follows the longest sentence, not the corpus.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace heed {

// Numbers, from 1, for the distinct words of a sentence. Keeps views: the text must outlive it.
class WordIds {
 public:
  // Forgets all words and makes room for `words` of them.
  void reset(size_t words);
  uint32_t add(std::string_view word);
  // 0 for a word that was never added.
  uint32_t find(std::string_view word) const;

 private:
  struct Slot {
    uint32_t generation = 0, id = 0;
    std::string_view word;
  };
  size_t slot_of(std::string_view word) const;
  std::vector<Slot> slots_;
  size_t mask_ = 0;
  uint32_t generation_ = 0, count_ = 0;
};

// Counts the n-grams of one sequence of symbols (all above 0), then how many of them others hold.
// A node is an n-gram: its key is the node of its first n-1 symbols and its last symbol, so
// equality is exact and needs no strings.
class NgramTable {
 public:
  // The n-grams of `symbols` of orders 1 to `max_order`; forgets the sequence before.
  void fill(std::span<const uint32_t> symbols, int max_order);

  // Adds to matches[n-1], for each order n, the sum over the table's n-grams of
  // min(count in the table, highest count in any of `references`).
  void match(std::span<const std::vector<uint32_t>> references, std::span<int64_t> matches);

 private:
  struct Node {
    uint64_t key = 0;
    uint32_t generation = 0;             // of fill(): other nodes are empty
    uint32_t count = 0;                  // in the table's sequence
    uint32_t reference = 0, seen = 0;    // count in the reference walked now
    uint32_t match_round = 0, best = 0;  // highest count in this match()'s references
  };
  size_t slot_of(uint64_t key) const;
  void make_room(size_t nodes);

  std::vector<Node> nodes_;
  size_t mask_ = 0;
  int shift_ = 0, max_order_ = 0;
  uint32_t generation_ = 0, reference_ = 0, round_ = 0;
};

}  // namespace heed
