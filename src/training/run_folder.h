// The model folder as a training keeps it.
#pragma once

#include <string>
#include <vector>

#include "data/model_folder.h"
#include "training/initial_model.h"
#include "training/train.h"
#include "util/folder_lock.h"

namespace heed {

class RunFolder {
 public:
  // Makes the folder, takes its lock for as long as this lives, removes what a killed training left
  // half-written, and decides whether to begin anew. Throws Error where another process has it, or
  // where `mode` does not fit what is there. What was there stays.
  RunFolder(const std::string& path, StartMode mode);

  const ModelFolder& files() const { return files_; }
  bool anew() const { return anew_; }

  // Compares with the configuration that the training began with, and logs what has changed. False
  // where the batches are others now. Throws UsageError for a change of what is fixed.
  bool same_batches(const Config& config) const;
  // The folder's own tokenizers, or where the training begins those of its initial model, or that
  // the configuration names, or has learned. Throws UsageError where these are not the ones that
  // the training began with.
  Tokenizers tokenizers(const Config& config, const InitialModel* initial = nullptr) const;

  // Removes what was there, where it begins anew, and writes configuration and tokenizers.
  void write(const Config& config, const Tokenizers& tokenizers) const;
  // Removes all checkpoints but the newest `keep_last` and those of the steps in `keep`.
  void prune(int64_t keep_last, const std::vector<int64_t>& keep) const;

 private:
  bool begins_anew(StartMode mode) const;

  ModelFolder files_;
  FolderLock lock_;
  bool anew_ = false;
};

}  // namespace heed
