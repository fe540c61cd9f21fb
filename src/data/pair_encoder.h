// Pairs of lines to pairs of ids, by several threads at the same time, and by several processes.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/corpus.h"
#include "data/encoded_block.h"
#include "data/parallel_text.h"
#include "util/progress.h"
#include "util/workers.h"

namespace heed {

// Lines of a block that are drawn for a corpus.
struct BlockDraw {
  int64_t block;
  ParallelText::Wanted lines;
};
int64_t drawn_pairs(std::span<const BlockDraw> draws);

// Processes that have the same text and want the same pairs of it: each encodes its share.
struct Sharing {
  int64_t rank = 0, size = 1;
  // The bytes of each process; nothing once the function given says that there is no need of them.
  using Gathered = std::optional<std::vector<std::string>>;
  std::function<Gathered(const std::string& own, const std::function<bool()>&)> gather = {};
};

class PairEncoder {
 public:
  // All must live as long. `workers` threads encode, beside the one that calls. Throws UsageError
  // for a tag that the vocabulary does not have.
  PairEncoder(const ParallelText& text, const TokenizerPair& tokenizers, const DataConfig& limits,
              int64_t workers, Sharing sharing = {});

  // Adds the drawn pairs to `corpus` in this order, whatever the number of threads and processes,
  // without those that a filter drops; corpus.counts grow. All processes give the same draws.
  // `progress` hears of the drawn pairs.
  void add(std::span<const BlockDraw> draws, Corpus& corpus, Progress* progress = nullptr);
  // Warnings of what was lost in the pairs added until now: bytes replaced, and, by `counts`,
  // links.
  void warn_of_losses(const FilterCounts& counts) const;

  // Lets add() return with what it has: to be called from another thread.
  void stop() { stopping_ = true; }
  bool stopped() const { return stopping_; }

 private:
  EncodedBlock encode(const BlockDraw& draw) const;
  std::vector<EncodedBlock> encode(std::span<const BlockDraw> draws);
  void append(const BlockDraw& draw, const EncodedBlock& encoded, Corpus& corpus);
  void append(std::span<const BlockDraw> draws, const std::vector<EncodedBlock>& encoded,
              Corpus& corpus);
  void add_shared(std::span<const BlockDraw> draws, Corpus& corpus);

  const ParallelText& text_;
  TokenizerPair tokenizers_;
  const DataConfig& limits_;
  Workers workers_;
  Sharing sharing_;
  std::vector<std::vector<int32_t>> tags_;            // of each file, in pieces
  std::vector<std::pair<Repairs, Repairs>> repairs_;  // of each file: source, target
  std::atomic<bool> stopping_ = false;
};

}  // namespace heed
