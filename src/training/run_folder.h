// The model folder as a training keeps it.
#pragma once

#include <string>
#include <vector>

#include "data/model_folder.h"
#include "training/checkpoint_folders.h"
#include "training/initial_model.h"
#include "training/train.h"
#include "util/folder_lock.h"

namespace heed {

class RunFolder {
 public:
  // Makes the folder, takes its lock for as long as this lives, removes what a killed training left
  // half-written, and decides whether to begin anew. Throws Error where another process has it, or
  // where `mode` does not fit what is there. What else was there stays.
  RunFolder(const std::string& path, StartMode mode);

  const ModelFolder& files() const { return files_; }
  bool anew() const { return anew_; }
  // Where it is by now; see FolderLock.
  std::string place() const { return lock_.place(); }

  // Compares with the configuration that the training began with, and logs what has changed. Throws
  // UsageError for a change of what is fixed, and Error where the training would begin anew over
  // files that none has made.
  void check(const Config& config) const;
  // The folder's own tokenizers, or where the training begins those of its initial model, or that
  // the configuration names, or learned from `text`. Throws UsageError where these are not the ones
  // that the training began with.
  Tokenizers tokenizers(const Config& config, const ParallelText& text,
                        const InitialModel* initial = nullptr) const;

  // Removes what another training made, where it begins anew, and writes configuration and
  // tokenizers. A configuration that says the same already is left as it is, comments and all.
  void write(const Config& config, const Tokenizers& tokenizers) const;
  // Removes the lexicon that `heed translate` has learned from text that is no longer trained on.
  void remove_lexicon() const;
  // Removes all checkpoints but the newest `keep_last` and those of the steps in `keep`. One that
  // cannot be removed is a warning.
  void prune(int64_t keep_last, const std::vector<int64_t>& keep) const;

 private:
  bool begins_anew(StartMode mode) const;
  void check_foreign(const Config& config) const;
  void remove_former(const std::vector<std::string>& made) const;
  void write_config(const Config& config, const std::string& manifest_line) const;

  ModelFolder files_;
  FolderLock lock_;
  CheckpointFolders checkpoints_;
  bool anew_ = false;
};

}  // namespace heed
