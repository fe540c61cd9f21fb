#include "model/weights.h"

#include "kernels/torch.h"

#include "util/error.h"
#include "util/paths.h"
#include "util/text.h"

namespace heed {

std::string shape_text(at::IntArrayRef sizes) {
  std::string text;
  for (int64_t size : sizes) text += (text.empty() ? "" : ", ") + std::to_string(size);
  return "[" + text + "]";
}

TensorReader open_weights(const ModelFolder& folder, const Tokenizers& tokenizers) {
  std::string path = folder.weights();
  if (!file_exists(path)) {
    std::vector<int64_t> steps = folder.checkpoint_steps();
    fail("{}: no such file: the training in this folder has not validated yet{}", path,
         steps.empty() ? "" : "; its newest checkpoint is " + folder.checkpoint(steps.back()));
  }
  TensorReader reader(path);
  try {
    check_vocabulary(path, reader.metadata(), tokenizers);
  } catch (const Error&) {
    reader.verify();  // a damaged file is that and nothing else
    throw;
  }
  return reader;
}

VocabularySizes sizes_of(const Tokenizers& tokenizers) {
  return {tokenizers.source->vocab_size(), tokenizers.target->vocab_size()};
}

ModelShape shape_of(const Config& config, const Tokenizers& tokenizers) {
  if (config.model.decoder_start == "begin" && tokenizers.target->special().begin < 0) {
    fail_usage(
        "[model] decoder_start = begin: the target vocabulary of {} pieces has no begin symbol; "
        "set it to zero, or learn a vocabulary with one",
        with_commas(tokenizers.target->vocab_size()));
  }
  return {config.model, sizes_of(tokenizers), config.data.max_length};
}

void check_vocabulary(const std::string& path, const std::map<std::string, std::string>& metadata,
                      const Tokenizers& tokenizers) {
  auto stated = metadata.find(kVocabularyKey);
  if (stated == metadata.end() || stated->second == tokenizers.checksum()) return;
  fail(
      "{}: these weights were trained with another vocabulary: its checksum is {}, that of the "
      "tokenizer in the model folder {}",
      path, stated->second, tokenizers.checksum());
}

void save_weights(const std::string& path, const std::map<std::string, Tensor>& weights,
                  const Tokenizers& tokenizers, std::map<std::string, std::string> metadata) {
  TensorFile file{{}, std::move(metadata)};
  for (const auto& [name, tensor] : weights) file.tensors[name] = tensor.to(torch::kFloat32);
  file.metadata[kVocabularyKey] = tokenizers.checksum();
  write_safetensors(path, file);
}

std::map<std::string, Tensor> named_weights(const Seq2Seq& model) {
  std::map<std::string, Tensor> weights;
  for (const auto& item : model.named_parameters()) weights[item.key()] = item.value().detach();
  return weights;
}

Tensor read_weight(TensorReader& weights, const std::string& name, at::IntArrayRef sizes) {
  auto entry = weights.entries().find(name);
  bool is_there = entry != weights.entries().end();
  if (is_there && entry->second.sizes == sizes) return weights.read(name).to(torch::kFloat32);
  weights.verify();  // a damaged file is that and nothing else
  if (!is_there) fail("{}: no tensor {}: config.ini describes another model", weights.path(), name);
  fail("{}: tensor {} has shape {}, config.ini and the vocabulary want {}", weights.path(), name,
       shape_text(entry->second.sizes), shape_text(sizes));
}

void check_all_read(TensorReader& weights) {
  std::vector<std::string> others;
  for (const auto& [name, entry] : weights.entries()) {
    if (!weights.was_read(name)) others.push_back(name);
  }
  weights.verify();
  if (others.empty()) return;
  fail("{}: tensor {} (and {} more) has no place in the model that config.ini describes",
       weights.path(), printable(others[0], 100), others.size() - 1);
}

}  // namespace heed
