// Checkpoints: folders checkpoints/step-N, each whole or not there at all.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/batcher.h"
#include "model/optimizer.h"
#include "model/weights.h"
#include "training/checkpoint_folders.h"
#include "training/history.h"

namespace heed {

// Everything but tensors that an exact resume needs.
struct TrainingState {
  int64_t step = 0;
  DataPosition position;
  HistoryState history;
  double seconds = 0;  // of training, over all sessions
  int64_t target_tokens = 0;
  int64_t replicas = 1;
  int64_t batch_tokens = 0;    // as they were found, where they are auto
  double reward_baseline = 0;  // Objective::memory()
  std::string corpus;          // its checksum
  std::string plan;     // what the batches of an epoch are made by: position is a place in it
  Yardstick yardstick;  // of the history
  bool validation_owed = false;  // that of this step: it was saved before it was validated
  bool finished = false;
};

// Whether both files of a checkpoint are there and as they were written.
bool is_whole_checkpoint(const ModelFolder& checkpoint);
// As JSON, and back.
std::string to_text(const TrainingState& state);
TrainingState state_from(const std::string& text);

class Checkpoints {
 public:
  // Of the training in `folder`; all others must live as long.
  Checkpoints(ModelFolder folder, Parameters& parameters, Optimizer& optimizer,
              const Tokenizers& tokenizers)
      : folder_(std::move(folder)),
        parameters_(parameters),
        optimizer_(optimizer),
        tokenizers_(tokenizers),
        folders_(folder_) {}

  // Writes step-N beside, syncs, renames. Throws Error naming path and cause; what was there stays.
  void save(const TrainingState& state) const;
  // Loads the newest that is whole and of this vocabulary; newer ones are set aside with a warning.
  // None: nothing. Throws Error where there are some and none is whole.
  std::optional<TrainingState> load_newest();

 private:
  TrainingState load(int64_t step);

  ModelFolder folder_;
  Parameters& parameters_;
  Optimizer& optimizer_;
  const Tokenizers& tokenizers_;
  CheckpointFolders folders_;
};

}  // namespace heed
