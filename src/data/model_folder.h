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
  // Whether both sides have the same pieces with the same ids.
  bool one_vocabulary() const;
  // Tells which vocabulary weights belong to.
  std::string checksum() const;
};

// Those that [tokenizer] model, or source_model and target_model, name. Throws Error for a file
// that is none.
Tokenizers named_tokenizers(const TokenizerConfig& config);

struct ModelFolder {
  std::string path;
  std::string weights_from = {};  // a checkpoint's folder, where the weights are not the best ones

  std::string config() const { return path + "/config.ini"; }
  std::string tokenizer() const { return path + "/tokenizer.model"; }  // of both sides, or:
  std::string source_tokenizer() const { return path + "/source.model"; }
  std::string target_tokenizer() const { return path + "/target.model"; }
  // Beside a tokenizer whose ids are a list's: that list. "x/source.model" -> "x/source.vocabulary"
  static std::string vocabulary_beside(const std::string& tokenizer);
  std::string weights() const {  // the best ones, or the checkpoint's
    return (weights_from.empty() ? path : weights_from) + "/model.safetensors";
  }
  std::string lexicon() const { return path + "/lexicon.txt"; }  // for decoding.shortlist
  // What a training leaves beside the model.
  std::string checkpoints() const { return path + "/checkpoints"; }
  std::string checkpoint(int64_t step) const;  // a folder with weights() and:
  std::string training_state() const { return path + "/training.safetensors"; }
  std::string validations() const { return path + "/validations.tsv"; }
  std::string translations() const { return path + "/translations.txt"; }  // of validation_command
  std::string metrics() const { return path + "/metrics.jsonl"; }
  std::string log() const { return path + "/train.log"; }

  // The configuration of a model that is there. Throws Error for one that no model can have.
  Config read_config() const;

  // All that a training or a translation may write into it but checkpoints and the log.
  std::vector<std::string> files() const;
  std::vector<std::string> tokenizer_files(const Tokenizers& tokenizers) const;

  // Steps of its checkpoints, ascending. What has another name, or holds no file of a checkpoint,
  // is none.
  std::vector<int64_t> checkpoint_steps() const;

  bool has_tokenizers() const;
  Tokenizers load_tokenizers() const;
  void save_tokenizers(const Tokenizers& tokenizers) const;
};

// The model that `path` names: a model folder, or the folder of a checkpoint in one, whose weights
// then stand for the model's. Throws Error where it is neither, naming what it is.
ModelFolder find_model(const std::string& path);
// Throws Error where a pipe or a device stands in place of a file of a model or of its training: it
// may have no end, and a pipe without a writer is waited for. find_model() looks too.
void check_plain_files(const ModelFolder& folder);
// Throws Error where there is no folder of that name.
void check_folder(const std::string& path);

}  // namespace heed
