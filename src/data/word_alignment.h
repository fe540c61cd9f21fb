// Given alignments between the words of training pairs, for guided alignment.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "data/batch.h"
#include "tokenizer/tokenizer.h"

namespace heed {

// Words are what white space separates, counted from 0.
struct WordLink {
  uint16_t source, target;
};

// The links of each pair of a corpus, in flat arrays.
class Alignments {
 public:
  void add(const std::vector<WordLink>& links);
  std::span<const WordLink> operator[](int64_t i) const {
    return {links_.data() + starts_[i], links_.data() + starts_[i + 1]};
  }
  int64_t size() const { return static_cast<int64_t>(starts_.size()) - 1; }

 private:
  std::vector<WordLink> links_;
  std::vector<uint64_t> starts_{0};
};

// The links of a Pharaoh line such as "0-0 1-2". Throws Error naming `where` (file:line) for
// anything else, and where a link points beyond the words of its line.
std::vector<WordLink> parse_links(const std::string& line, const std::string& source,
                                  const std::string& target, const std::string& where);

struct TokenizerPair;

// Batch::alignment of a batch whose row i is pair pairs[i]: [B, T, S], 1 where a piece of the
// target and one of the source belong to words that are linked.
std::vector<float> alignment_of(const Batch& batch, const Alignments& alignments,
                                const std::vector<int64_t>& pairs, const TokenizerPair& tokenizers);

}  // namespace heed
