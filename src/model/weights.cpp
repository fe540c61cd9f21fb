#include "model/weights.h"

#include "kernels/torch.h"

#include "config/options.h"
#include "util/error.h"
#include "util/paths.h"
#include "util/text.h"

namespace heed {

TensorReader open_weights(const ModelFolder& folder, const Metadata& origin) {
  std::string path = folder.weights();
  if (!file_exists(path)) {
    std::vector<int64_t> steps = folder.checkpoint_steps();
    fail("{}: no such file: the training in this folder has not validated yet{}", path,
         steps.empty() ? "" : "; its newest checkpoint is " + folder.checkpoint(steps.back()));
  }
  TensorReader reader(path);
  try {
    check_origin(path, reader.metadata(), origin);
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

Metadata origin_of(const ModelConfig& model, const Tokenizers& tokenizers) {
  Config config = default_config();
  config.model = model;
  Metadata origin{{kVocabularyKey, tokenizers.checksum()}};
  for (const Option* option : fixed_model_options()) origin[option->name()] = option->get(config);
  return origin;
}

Metadata origin_in(const Metadata& metadata) {
  Metadata origin;
  auto take = [&](const std::string& key) {
    if (auto said = metadata.find(key); said != metadata.end()) origin.insert(*said);
  };
  take(kVocabularyKey);
  for (const Option* option : fixed_model_options()) take(option->name());
  return origin;
}

void check_origin(const std::string& path, const Metadata& metadata, const Metadata& origin) {
  std::vector<std::string> trained, given;
  for (const auto& [key, value] : origin) {
    auto said = metadata.find(key);
    if (said == metadata.end() || said->second == value) continue;
    if (key == kVocabularyKey) {
      fail(
          "{}: these weights were trained with another vocabulary: its checksum is {}, that of the "
          "tokenizer in the model folder {}",
          path, said->second, value);
    }
    trained.push_back(fmt::format("{} = {}", key, printable(said->second, 80)));
    given.push_back(value);
  }
  if (trained.empty()) return;
  fail_usage("{}: these weights were trained with {}; the configuration says {}: set it back", path,
             join(trained, ", "), join(given, ", "));
}

void save_weights(const std::string& path, const std::map<std::string, Tensor>& weights,
                  Metadata metadata) {
  TensorFile file{{}, std::move(metadata)};
  for (const auto& [name, tensor] : weights) file.tensors[name] = tensor.to(torch::kFloat32);
  write_safetensors(path, file);
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
