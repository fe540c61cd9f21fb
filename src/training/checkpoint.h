// Checkpoints: folders checkpoints/step-N, each whole or not there at all.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "model/optimizer.h"
#include "model/weights.h"
#include "training/checkpoint_folders.h"
#include "training/training_state.h"

namespace heed {

// Whether both files of a checkpoint are there and as they were written.
bool is_whole_checkpoint(const ModelFolder& checkpoint);

class Checkpoints {
 public:
  // Of the training in `folder`; `origin` is that of its weights. The parameters and
  // the optimizer must live as long.
  Checkpoints(ModelFolder folder, Parameters& parameters, Optimizer& optimizer, Metadata origin)
      : folder_(std::move(folder)),
        parameters_(parameters),
        optimizer_(optimizer),
        origin_(std::move(origin)),
        folders_(folder_) {}

  // Writes step-N beside, syncs, renames. Throws Error naming path and cause; what was there stays.
  void save(const TrainingState& state) const;
  // Throws Error where the folder is at another `place` by now, or at none. One that was moved gets
  // this checkpoint first.
  void check_place(const std::string& place, const TrainingState& state) const;
  // Loads the newest that is whole and of this vocabulary; newer ones are set aside with a warning.
  // None: nothing. Throws Error where there are some and none is whole, UsageError where the newest
  // is of another model.
  std::optional<TrainingState> load_newest();

 private:
  TrainingState load(int64_t step);

  ModelFolder folder_;
  Parameters& parameters_;
  Optimizer& optimizer_;
  Metadata origin_;
  CheckpointFolders folders_;
};

}  // namespace heed
