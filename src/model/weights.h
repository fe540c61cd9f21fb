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

// What stands beside weights in their file.
using Metadata = std::map<std::string, std::string>;

inline constexpr const char* kVocabularyKey = "tokenizer";
// What weights belong to, as their file says it: the checksum of their vocabulary and the keys of
// [model] that are fixed ("model.heads"), since shapes do not tell all of them.
Metadata origin_of(const ModelConfig& model, const Tokenizers& tokenizers);
// What `metadata` says of it.
Metadata origin_in(const Metadata& metadata);
// Throws Error where the weights in `path`, which say `metadata`, belong to another vocabulary, and
// UsageError where they belong to another model. What one of both does not say agrees.
void check_origin(const std::string& path, const Metadata& metadata, const Metadata& origin);

// Opens the folder's weights. Throws Error naming the file where it is missing or is no safetensors
// file, and as check_origin().
TensorReader open_weights(const ModelFolder& folder, const Metadata& origin);

// Weights by name, written as float32.
void save_weights(const std::string& path, const std::map<std::string, Tensor>& weights,
                  Metadata metadata);

// One weight after the other by name, each as float32. Throws Error naming the file and both shapes
// where one does not fit.
Tensor read_weight(TensorReader& weights, const std::string& name, at::IntArrayRef sizes);
// To be called when all have been read. Throws Error where the file holds one more, or is damaged.
void check_all_read(TensorReader& weights);

}  // namespace heed
