// The weights of a model folder or of a checkpoint, by name.
#pragma once

#include <map>
#include <string>

#include "config/config.h"
#include "data/model_folder.h"
#include "model/safetensors.h"
#include "model/seq2seq.h"

namespace heed {

VocabularySizes sizes_of(const Tokenizers& tokenizers);
// Throws UsageError where the decoder is to start from a symbol that the vocabulary has not got.
ModelShape shape_of(const Config& config, const Tokenizers& tokenizers);

// Opens the folder's weights. Throws Error naming the file where it is missing or no such file, or
// where it says that its weights belong to another vocabulary.
TensorReader open_weights(const ModelFolder& folder, const Tokenizers& tokenizers);

// In the metadata of weights: the checksum of the vocabulary that they were trained with.
inline constexpr const char* kVocabularyKey = "tokenizer";
// Throws Error where the weights in `path` say that they were trained with another vocabulary.
void check_vocabulary(const std::string& path, const std::map<std::string, std::string>& metadata,
                      const Tokenizers& tokenizers);

// Weights by name, with the vocabulary's checksum and `metadata`; written as float32.
void save_weights(const std::string& path, const std::map<std::string, Tensor>& weights,
                  const Tokenizers& tokenizers, std::map<std::string, std::string> metadata = {});
std::map<std::string, Tensor> named_weights(const Seq2Seq& model);

// One weight after the other by name, each as float32. Throws Error naming the file and both shapes
// where one does not fit.
Tensor read_weight(TensorReader& weights, const std::string& name, at::IntArrayRef sizes);
std::string shape_text(at::IntArrayRef sizes);  // "[4, 7]"
// To be called when all have been read. Throws Error where the file holds one more, or is damaged.
void check_all_read(TensorReader& weights);

}  // namespace heed
