// Checkpoints: folders checkpoints/step-N, each whole or not there at all.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "data/batcher.h"
#include "model/weights.h"
#include "training/optimizer.h"
#include "training/schedule.h"

namespace heed {

// A row of validations.tsv.
struct Validation {
  int64_t step = 0;
  int64_t epoch = 0;      // completed
  double loss = 0;        // -log P per target piece, without smoothing
  double perplexity = 0;  // exp(loss)
  double bleu = -1;       // -1: not measured
  double learning_rate = 0;
  double seconds = 0;  // of training so far
  bool best = false;   // better than all before
};

// Everything but tensors that an exact resume needs.
struct TrainingState {
  int64_t step = 0;
  DataPosition position;
  PlateauState plateau;
  int64_t waited = 0;  // validations since the last best
  double seconds = 0;  // of training, over all sessions
  int64_t target_tokens = 0;
  int64_t replicas = 1;
  int64_t batch_tokens = 0;    // as they were found, where they are auto
  double reward_baseline = 0;  // of hard attention
  std::string corpus;          // its checksum
  bool finished = false;
  std::vector<Validation> validations;
};

class CheckpointFolder {
 public:
  explicit CheckpointFolder(const std::string& model_folder);

  // Writes step-N beside, syncs, renames. Throws Error naming path and cause; what was there stays.
  void save(const TrainingState& state, const Optimizer& optimizer, const Tokenizers& tokenizers);
  // Loads the newest that is whole and of this vocabulary, warning of others; none: nothing.
  std::optional<TrainingState> load_newest(Optimizer& optimizer, const Tokenizers& tokenizers);

  // Steps there are, ascending.
  std::vector<int64_t> steps() const;
  std::string path_of(int64_t step) const;
  // Removes all but the newest `keep_last` and the steps in `keep`.
  void prune(int64_t keep_last, const std::vector<int64_t>& keep);
  void remove_all();

 private:
  TrainingState load(int64_t step, Optimizer& optimizer, const Tokenizers& tokenizers) const;
  std::string folder_;
};

// Means of the tensors of several weight files. Throws Error where names, shapes or vocabularies
// differ.
std::map<std::string, Tensor> average_weights(const std::vector<std::string>& paths);

}  // namespace heed
