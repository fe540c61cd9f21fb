// Everything but tensors that an exact resume needs, as a checkpoint keeps it.
#pragma once

#include <cstdint>
#include <string>

#include "data/batcher.h"
#include "training/history.h"

namespace heed {

struct TrainingState {
  int64_t step = 0;
  DataPosition position;
  HistoryState history;
  double seconds = 0;  // of training, over all sessions
  int64_t target_tokens = 0;
  int64_t replicas = 1;
  int64_t batch_tokens = 0;    // as they were found, where they are auto
  double reward_baseline = 0;  // Objective::memory()
  std::string corpus;          // its checksum, as it is read
  std::string text;            // that of the files' bytes
  std::string plan;     // what the batches of an epoch are made by: position is a place in it
  Yardstick yardstick;  // of the history
  bool validation_owed = false;  // that of this step: it was saved before it was validated
  bool finished = false;
};

// Its key in the metadata of a checkpoint's training.safetensors.
inline constexpr const char* kStateKey = "state";

// As JSON.
std::string to_text(const TrainingState& state);
// And back. Throws Error for what to_text has not written, or for a number, which it names, that no
// training can have.
TrainingState state_from(const std::string& text);

}  // namespace heed
