// Batches by tokens from buckets of like length. The order is a pure function of seed and epoch.
#pragma once

#include <condition_variable>
#include <deque>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "data/batch.h"
#include "data/pools.h"

namespace heed {

struct BatcherOptions {
  int64_t batch_tokens;  // padded tokens, end symbol included, of the longer side
  uint64_t seed;
  double sampling_alpha;  // subword sampling; 0: off
  int64_t max_length;     // a sampled sentence with more pieces is left as it was
  int64_t parts = 1;      // that each batch is cut into, for the replicas of all processes
  // Those that this process computes: [first_part, end_part), as far as there are so many.
  int64_t first_part = 0, end_part = std::numeric_limits<int64_t>::max();
};

// A batch's pairs in at most `parts` parts of about as many tokens each, every pair once; sorted by
// length first, so that the parts have little padding.
std::vector<std::vector<int64_t>> cut_into_parts(const Corpus& corpus, std::vector<int64_t> pairs,
                                                 int64_t parts);

// The pairs of each batch of one epoch, every pair once.
std::vector<std::vector<int64_t>> plan_epoch(const Corpus& corpus, const BatcherOptions& options,
                                             int64_t epoch);

// Pairs in corpus order, sorted into batches by length: for validation.
std::vector<std::vector<int64_t>> plan_in_order(const Corpus& corpus, int64_t batch_tokens);

Batch gather_batch(const Corpus& corpus, const std::vector<int64_t>& pairs,
                   const TokenizerPair& tokenizers);

// Where a training stands in its data.
struct DataPosition {
  int64_t epoch = 0;  // from 0
  int64_t batch = 0;  // batches of the pool already given
  int64_t pool = 0;   // of the epoch; there is one where the corpus is all in memory
};

// Endless batches from a position on, prepared by a background thread.
class Batcher {
 public:
  Batcher(Pools& pools, const TokenizerPair& tokenizers, const BatcherOptions& options,
          DataPosition start);
  // Of a corpus in memory.
  Batcher(const Corpus& corpus, const TokenizerPair& tokenizers, const BatcherOptions& options,
          DataPosition start);
  ~Batcher();
  Batcher(const Batcher&) = delete;
  Batcher& operator=(const Batcher&) = delete;

  // This process's parts of the next batch.
  std::vector<Batch> next();
  // After the batches given so far; batch = 0 of the next pool or epoch once one is complete.
  DataPosition position() const { return position_; }
  // Passes over the data so far: 2.25 is a quarter through the third.
  double epochs() const { return epochs_; }
  // Seconds that next() has waited for the background thread, in all.
  double seconds_waited() const { return waited_; }

 private:
  struct Item {
    std::vector<Batch> parts;
    DataPosition after;
    double epochs_after;
  };
  void produce(DataPosition start);
  bool give_pool(const Pool& pool, DataPosition from, DataPosition next);
  bool offer(Item item);
  bool stopping();
  std::vector<Batch> prepare(const Corpus& corpus, const std::vector<int64_t>& pairs,
                             DataPosition at) const;
  Batch sample_batch(const Corpus& corpus, const std::vector<int64_t>& pairs) const;

  std::unique_ptr<Pools> own_;
  Pools& pools_;
  TokenizerPair tokenizers_;
  BatcherOptions options_;
  DataPosition position_;
  double epochs_;
  double waited_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Item> queue_;
  bool stopping_ = false;
  std::exception_ptr failure_;
  std::thread producer_;
};

}  // namespace heed
