// The model folder: configuration, vocabulary and weights, whole and movable. All names of its
// files stand here; what its weights hold is for model/weights.h.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "config/config.h"
#include "data/corpus.h"
#include "tokenizer/tokenizer.h"

namespace heed {

// The tokenizers of a model: one for both sides, or one each.
struct Tokenizers {
  std::shared_ptr<Tokenizer> source, target;

  bool shared() const { return source == target; }
  TokenizerPair pair() const { return {*source, *target}; }
  // Tells which vocabulary weights belong to.
  std::string checksum() const;
};

struct ModelFolder {
  std::string path;

  std::string config() const { return path + "/config.ini"; }
  std::string tokenizer() const { return path + "/tokenizer.model"; }  // of both sides, or:
  std::string source_tokenizer() const { return path + "/source.model"; }
  std::string target_tokenizer() const { return path + "/target.model"; }
  std::string weights() const { return path + "/model.safetensors"; }  // the best ones
  std::string lexicon() const { return path + "/lexicon.txt"; }        // for decoding.shortlist
  // What a training leaves beside the model.
  std::string checkpoints() const { return path + "/checkpoints"; }
  std::string checkpoint(int64_t step) const;  // a folder with weights() and:
  std::string training_state() const { return path + "/training.safetensors"; }
  std::string validations() const { return path + "/validations.tsv"; }
  std::string metrics() const { return path + "/metrics.jsonl"; }
  std::string log() const { return path + "/train.log"; }

  // Throws Error where this is no folder, naming what it is.
  void check() const;
  // The configuration of a model that is there. Throws Error for one that no model can have.
  Config read_config() const;

  // Steps of its checkpoints, ascending.
  std::vector<int64_t> checkpoint_steps() const;

  bool has_tokenizers() const;
  Tokenizers load_tokenizers() const;
  void save_tokenizers(const Tokenizers& tokenizers) const;
};

}  // namespace heed
