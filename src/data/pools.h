// The pairs of a training, epoch by epoch, in pools that fit into memory.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "data/pair_encoder.h"

namespace heed {

struct Pool {
  std::shared_ptr<const Corpus> corpus;
  std::vector<int64_t> drawn;  // pairs of it, each as often as the epoch has it
  int64_t pools = 1;           // of the epoch
};

class Pools {
 public:
  virtual ~Pools() = default;
  // A function of epoch, number and what the pools were made of, whatever was read before.
  virtual Pool get(int64_t epoch, int64_t number) = 0;
  // Lets a get() that goes on in another thread end soon; what it returns is of no use.
  virtual void stop() {}
  // Of what is read: tells whether a resumed training has the same data.
  virtual std::string checksum() const = 0;
  // What their order depends on beside that and the seed; empty where each pair comes once.
  virtual std::string plan() const = 0;
};

struct PoolOptions {
  int64_t pairs;                // of a pool, about
  uint64_t seed;                // of the order
  std::vector<double> weights;  // of each pair of files: how often an epoch has its pairs; none: 1
  int64_t threads;              // that encode
  TokenizerConfig vocabulary = {};  // what a warning of texts that do not come back goes by
  Sharing sharing = {};             // with the other processes of a training
};

// How often an epoch has a pair. Over epochs 0 to E - 1 it is E * weight, rounded up or down, and
// where that is no whole number `random`, the pair's own, decides in which epochs.
int64_t times_drawn(double weight, int64_t epoch, uint64_t random);

// A corpus that is all in memory: one pool, the same in every epoch but for what is drawn.
class OnePool : public Pools {
 public:
  // Every pair once.
  explicit OnePool(const Corpus& corpus);
  // The pairs of file k end before file_ends[k].
  OnePool(Corpus corpus, std::vector<int64_t> file_ends, const PoolOptions& options);
  Pool get(int64_t epoch, int64_t number) override;
  std::string checksum() const override { return corpus_->checksum(); }
  std::string plan() const override;

 private:
  std::shared_ptr<const Corpus> corpus_;
  std::vector<int64_t> file_ends_;
  PoolOptions options_;
};

// A corpus of any size: the blocks of its text in an order drawn for each epoch, so many together
// as make a pool; read and encoded when it is asked for.
class StreamedPools : public Pools {
 public:
  StreamedPools(std::unique_ptr<ParallelText> text, const TokenizerPair& tokenizers,
                const DataConfig& limits, const PoolOptions& options);
  // Logs what filters have dropped when it has read an epoch to its end. Throws Error where they
  // leave nothing, and for a pool that the epoch has not.
  Pool get(int64_t epoch, int64_t number) override;
  void stop() override { encoder_.stop(); }
  std::string checksum() const override;
  std::string plan() const override;

 private:
  // A block, for those of its pairs that the epoch has more often than `copy` times.
  struct Entry {
    uint32_t block, copy;
  };
  struct Plan {
    int64_t epoch = -1;
    std::vector<Entry> entries;
    std::vector<size_t> starts;  // of the pools, and the end
  };
  void plan(int64_t epoch);
  BlockDraw draw(int64_t epoch, const Entry& entry) const;
  void report(int64_t number);

  std::unique_ptr<ParallelText> text_;
  const DataConfig& limits_;
  PoolOptions options_;
  PairEncoder encoder_;
  Plan plan_;
  Pool last_;
  std::pair<int64_t, int64_t> last_place_{-1, -1};
  // Of the epoch, from pool first_counted_ on.
  FilterCounts counts_;
  RoundTrip round_trip_;
  int64_t first_counted_ = -1;
  bool warned_ = false;
};

// What the text's size asks for: all in memory where it has at most options.pairs lines. Logs which
// and, of pairs in memory, what filters have dropped. Throws Error where less than two pairs stay.
std::unique_ptr<Pools> make_pools(std::unique_ptr<ParallelText> text,
                                  const TokenizerPair& tokenizers, const DataConfig& limits,
                                  const PoolOptions& options);

}  // namespace heed
