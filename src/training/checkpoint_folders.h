// The folders of checkpoints on the disk: each is whole or not there at all, whenever the machine
// stops.
#pragma once

#include <functional>
#include <set>
#include <string>

#include "data/model_folder.h"

namespace heed {

// Three names beside checkpoints/step-N: step-N.tmp is being written, .step-N.old is being removed,
// and damaged-step-N could not be read. Only a checkpoint's own files are ever removed.
class CheckpointFolders {
 public:
  explicit CheckpointFolders(ModelFolder folder) : folder_(std::move(folder)) {}

  // An empty folder to write the files of step N to; publish() lets it become checkpoints/step-N,
  // in place of what was there, discard() forgets it. Throws Error naming path and cause.
  ModelFolder prepare(int64_t step) const;
  void publish(int64_t step) const;
  void discard(int64_t step) const;

  // Throws Error where it cannot be removed; it is whole then.
  void remove(int64_t step) const;
  // Gives it a name that is no checkpoint's, and returns that.
  std::string set_aside(int64_t step) const;

  // What a process left that was killed: one that `is_whole` becomes the checkpoint where there is
  // none of its step, the rest is removed. For whoever holds the folder's lock.
  void recover(const std::function<bool(const ModelFolder&)>& is_whole) const;

 private:
  std::string written(int64_t step) const;
  std::string removed(int64_t step) const;
  std::set<int64_t> unfinished_steps() const;

  ModelFolder folder_;
};

}  // namespace heed
