// The model folder: configuration, vocabulary and weights, whole and movable.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "config/config.h"
#include "data/corpus.h"
#include "model/safetensors.h"
#include "model/seq2seq.h"
#include "tokenizer/tokenizer.h"

namespace heed {

// The tokenizers of a model: one for both sides, or one each.
struct Tokenizers {
  std::shared_ptr<Tokenizer> source, target;

  bool shared() const { return source == target; }
  TokenizerPair pair() const { return {*source, *target}; }
  VocabularySizes sizes() const { return {source->vocab_size(), target->vocab_size()}; }
  // Tells which vocabulary weights belong to.
  std::string checksum() const;
};

// tokenizer.model, or source.model and target.model.
Tokenizers load_tokenizers(const std::string& folder);
void save_tokenizers(const std::string& folder, const Tokenizers& tokenizers);
bool has_tokenizers(const std::string& folder);

// Everything needed to translate.
struct Bundle {
  Config config;
  Tokenizers tokenizers;
  std::shared_ptr<Seq2Seq> model;  // in evaluation mode
};

struct Placement {
  torch::Device device;
  torch::ScalarType type;
  // How weights are laid out, and rounded, for translation alone; none: as they are.
  std::optional<kernels::Packing> packing = {};
};

// Loads `folder`: config.ini, tokenizers, model.safetensors. Throws Error naming the file that is
// missing, damaged or does not fit the others.
Bundle load_bundle(const std::string& folder, const Placement& placement);

// In the metadata of weights: the checksum of the vocabulary that they were trained with.
inline constexpr const char* kVocabularyKey = "tokenizer";
// Throws Error where the weights in `path` say that they were trained with another vocabulary.
void check_vocabulary(const std::string& path, const TensorFile& weights,
                      const Tokenizers& tokenizers);

// Weights by name, float32, with the vocabulary's checksum, and back. Loading throws Error naming
// the file and both shapes (or checksums) where they do not fit the model.
void save_weights(const std::string& path, const std::map<std::string, Tensor>& weights,
                  const Tokenizers& tokenizers);
void load_weights(const std::string& path, Seq2Seq& model, const Tokenizers& tokenizers);

std::map<std::string, Tensor> named_weights(const Seq2Seq& model);

}  // namespace heed
