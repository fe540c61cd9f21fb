// Which target pieces translate which source pieces, learned from training pairs: IBM Model 1
// (Brown et al., 1993, section 4.2) over pieces.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "data/corpus.h"

namespace heed {

// What a lexicon's file must have been made for.
struct LexiconKey {
  std::string vocabularies;  // their checksum
  int64_t source, target;    // pieces
};

class Lexicon {
 public:
  // At most so many translations of a piece are kept.
  static constexpr int64_t kMost = 200;

  // Pairs that are enough: of a larger corpus a sample of so many will do.
  static constexpr int64_t kPairs = 100000;
  // Any number of threads learns the same. Throws Error where the system gives no more of them.
  static Lexicon learn(const Corpus& corpus, int64_t source_pieces, int64_t threads = 1);

  // The `each` most probable target pieces of every piece of `source` and the `each` most frequent
  // ones of all, with those of `always`: sorted, each once.
  std::vector<int32_t> candidates(std::span<const int32_t> source, int64_t each,
                                  std::span<const int32_t> always) const;

  // As a text: a line with the vocabularies' checksum, one with the most frequent pieces, and one
  // with its translations for each source piece. Reading throws Error naming the file and line
  // where it is damaged, or made for other vocabularies.
  void write(const std::string& path, const LexiconKey& key) const;
  static Lexicon read(const std::string& path, const LexiconKey& key);
  // Whether the file is a lexicon that write() has made, of whatever vocabularies.
  static bool is_one(const std::string& path);

  int64_t size() const { return static_cast<int64_t>(translations_.size()); }
  std::span<const int32_t> translations(int32_t source) const { return translations_[source]; }

 private:
  std::vector<std::vector<int32_t>> translations_;  // by source piece, most probable first
  std::vector<int32_t> frequent_;                   // most frequent first
};

}  // namespace heed
