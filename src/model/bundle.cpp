#include "model/bundle.h"

#include "config/ini.h"
#include "model/layers.h"
#include "model/safetensors.h"
#include "util/error.h"
#include "util/files.h"

namespace heed {
namespace {

std::string shape_text(const Tensor& tensor) {
  std::string text;
  for (int64_t size : tensor.sizes()) text += (text.empty() ? "" : ", ") + std::to_string(size);
  return "[" + text + "]";
}

}  // namespace

std::string Tokenizers::checksum() const {
  std::string sum = heed::checksum(source->model_bytes());
  return shared() ? sum : sum + heed::checksum(target->model_bytes());
}

bool has_tokenizers(const std::string& folder) {
  return file_exists(folder + "/tokenizer.model") ||
         (file_exists(folder + "/source.model") && file_exists(folder + "/target.model"));
}

Tokenizers load_tokenizers(const std::string& folder) {
  auto load = [&](const char* name) {
    return std::make_shared<Tokenizer>(load_tokenizer(folder + "/" + name));
  };
  if (file_exists(folder + "/source.model")) return {load("source.model"), load("target.model")};
  auto both = load("tokenizer.model");
  return {both, both};
}

void save_tokenizers(const std::string& folder, const Tokenizers& tokenizers) {
  if (tokenizers.shared()) {
    write_file_atomically(folder + "/tokenizer.model", tokenizers.source->model_bytes());
    return;
  }
  write_file_atomically(folder + "/source.model", tokenizers.source->model_bytes());
  write_file_atomically(folder + "/target.model", tokenizers.target->model_bytes());
}

Bundle load_bundle(const std::string& folder, const Placement& placement) {
  if (!is_folder(folder)) {
    fail("{}: {}", folder,
         file_exists(folder) ? "is a file; name the model folder that training made"
                             : "no such model folder");
  }
  Bundle bundle;
  bundle.config = load_config(folder + "/config.ini", {});
  try {
    check_model(bundle.config.model);
  } catch (const UsageError& error) {
    fail("{}/config.ini: {}", folder, error.what());
  }
  bundle.tokenizers = load_tokenizers(folder);
  bundle.model =
      make_model(bundle.config.model, bundle.tokenizers.sizes(), bundle.config.data.max_length);
  std::string weights = folder + "/model.safetensors";
  if (!file_exists(weights)) {
    fail("{}: no such file: the training in this folder has not validated yet", weights);
  }
  load_weights(weights, *bundle.model, bundle.tokenizers);
  bundle.model->to(placement.device, placement.type);
  if (placement.packing) pack(*bundle.model, *placement.packing);
  bundle.model->eval();
  return bundle;
}

std::map<std::string, Tensor> named_weights(const Seq2Seq& model) {
  std::map<std::string, Tensor> weights;
  for (const auto& item : model.named_parameters()) weights[item.key()] = item.value().detach();
  return weights;
}

void save_weights(const std::string& path, const std::map<std::string, Tensor>& weights,
                  const Tokenizers& tokenizers) {
  TensorFile file;
  for (const auto& [name, tensor] : weights) file.tensors[name] = tensor.to(torch::kFloat32);
  file.metadata[kVocabularyKey] = tokenizers.checksum();
  write_safetensors(path, file);
}

void check_vocabulary(const std::string& path, const TensorFile& weights,
                      const Tokenizers& tokenizers) {
  auto stated = weights.metadata.find(kVocabularyKey);
  if (stated == weights.metadata.end() || stated->second == tokenizers.checksum()) return;
  fail(
      "{}: these weights were trained with another vocabulary: its checksum is {}, that of the "
      "tokenizer in the model folder {}",
      path, stated->second, tokenizers.checksum());
}

void load_weights(const std::string& path, Seq2Seq& model, const Tokenizers& tokenizers) {
  TensorFile file = read_safetensors(path);
  check_vocabulary(path, file, tokenizers);
  torch::NoGradGuard no_gradient;
  for (auto& item : model.named_parameters()) {
    auto found = file.tensors.find(item.key());
    if (found == file.tensors.end()) {
      fail("{}: no tensor {}: config.ini describes another model", path, item.key());
    }
    if (found->second.sizes() != item.value().sizes()) {
      fail("{}: tensor {} has shape {}, config.ini and the vocabulary want {}", path, item.key(),
           shape_text(found->second), shape_text(item.value()));
    }
    item.value().copy_(found->second);
    file.tensors.erase(found);
  }
  if (!file.tensors.empty()) {
    fail("{}: tensor {} (and {} more) has no place in the model that config.ini describes", path,
         file.tensors.begin()->first, file.tensors.size() - 1);
  }
}

}  // namespace heed
