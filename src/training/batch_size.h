// training.batch_tokens = auto: the largest batch that fits into memory.
#pragma once

#include <cstdint>
#include <functional>

#include "config/training_config.h"
#include "data/batcher.h"
#include "training/communicator.h"
#include "training/replicas.h"

namespace heed {

// training.memory_limit in bytes; where that is auto, half of what the machine (or the control
// group that the process is in) has.
int64_t memory_limit(const TrainingConfig& config);

struct BatchSize {
  int64_t tokens;
  int64_t memory;  // bytes that the process had taken at most with it
};

// Doubles the batch from a small one up to `most` tokens. `measure` runs a batch of so many tokens
// and returns the process's peak memory in bytes; no batch is run that is foreseen, by the growth
// between the last two, to go beyond `limit`. Throws Error where even the smallest is beyond it.
BatchSize largest_batch(const std::function<int64_t(int64_t tokens)>& measure, int64_t limit,
                        int64_t most);

// What batches to try are made of.
struct BatchTrial {
  const Corpus& corpus;
  const TokenizerPair& tokenizers;
  const BatcherOptions& options;
};
// Measures by forward and backward of the most demanding batch that an epoch would have: gradients
// are left behind. Up to 25,000 tokens, as Vaswani et al. (2017, section 5.1) had: more on so small
// models as one machine trains makes for fewer updates and no better ones. Of many processes each
// measures its own parts, and none may go beyond the limit.
BatchSize find_batch_size(Replicas& replicas, const Objective& objective, const BatchTrial& trial,
                          int64_t limit, Communicator& communicator);

}  // namespace heed
