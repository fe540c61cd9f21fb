#include "training/checkpoint.h"

#include <fcntl.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "model/safetensors.h"
#include "util/atomic_file.h"
#include "util/error.h"
#include "util/log.h"
#include "util/paths.h"
#include "util/text.h"

namespace heed {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kPrefix = "step-";
constexpr const char* kStateKey = "state";

Json to_json(const Validation& row) {
  return {{"step", row.step}, {"epoch", row.epoch},        {"loss", row.loss},
          {"bleu", row.bleu}, {"rate", row.learning_rate}, {"seconds", row.seconds},
          {"best", row.best}};
}

Validation validation_from(const Json& json) {
  Validation row;
  row.step = json.at("step");
  row.epoch = json.at("epoch");
  // JSON has no NaN: a loss that was not finite is stored as null.
  row.loss = json.at("loss").is_null() ? std::nan("") : json.at("loss").get<double>();
  row.perplexity = std::exp(row.loss);
  row.bleu = json.at("bleu");
  row.learning_rate = json.at("rate");
  row.seconds = json.at("seconds");
  row.best = json.at("best");
  return row;
}

std::string to_text(const TrainingState& state) {
  Json json = {{"step", state.step},
               {"epoch", state.position.epoch},
               {"batch", state.position.batch},
               {"plateau_factor", state.plateau.factor},
               {"plateau_waited", state.plateau.waited},
               {"waited", state.waited},
               {"seconds", state.seconds},
               {"target_tokens", state.target_tokens},
               {"replicas", state.replicas},
               {"batch_tokens", state.batch_tokens},
               {"reward_baseline", state.reward_baseline},
               {"corpus", state.corpus},
               {"finished", state.finished},
               {"validations", Json::array()}};
  for (const Validation& row : state.validations) json["validations"].push_back(to_json(row));
  return json.dump();
}

TrainingState state_from(const std::string& text) {
  Json json = Json::parse(text);
  TrainingState state;
  state.step = json.at("step");
  state.position = {json.at("epoch"), json.at("batch")};
  state.plateau = {json.at("plateau_factor"), json.at("plateau_waited")};
  state.waited = json.at("waited");
  state.seconds = json.at("seconds");
  state.target_tokens = json.at("target_tokens");
  state.batch_tokens = json.value("batch_tokens", int64_t{0});
  state.replicas = json.value("replicas", int64_t{1});
  state.reward_baseline = json.value("reward_baseline", 0.0);
  state.corpus = json.at("corpus");
  state.finished = json.at("finished");
  for (const Json& row : json.at("validations")) state.validations.push_back(validation_from(row));
  return state;
}

// Lets two folders change places in one go, so that `path` is whole at any moment; false where the
// file system cannot.
bool swap_places(const std::string& beside, const std::string& path) {
#ifdef RENAME_EXCHANGE
  return ::renameat2(AT_FDCWD, beside.c_str(), AT_FDCWD, path.c_str(), RENAME_EXCHANGE) == 0;
#else
  return false;
#endif
}

}  // namespace

CheckpointFolder::CheckpointFolder(const std::string& model_folder)
    : folder_(model_folder + "/checkpoints") {
  make_folders(folder_);
  for (const auto& entry : fs::directory_iterator(folder_)) {
    // Left by a training that was killed while it saved.
    if (entry.path().extension() == ".tmp") fs::remove_all(entry.path());
  }
}

std::string CheckpointFolder::path_of(int64_t step) const {
  return folder_ + "/" + kPrefix + std::to_string(step);
}

std::vector<int64_t> CheckpointFolder::steps() const {
  std::vector<int64_t> steps;
  for (const auto& entry : fs::directory_iterator(folder_)) {
    std::string name = entry.path().filename().string();
    if (!name.starts_with(kPrefix)) continue;
    if (auto step = parse_int(name.substr(std::string(kPrefix).size()))) steps.push_back(*step);
  }
  std::sort(steps.begin(), steps.end());
  return steps;
}

void CheckpointFolder::save(const TrainingState& state, const Optimizer& optimizer,
                            const Tokenizers& tokenizers) {
  std::string path = path_of(state.step), beside = path + ".tmp";
  std::error_code ignored;
  fs::remove_all(beside, ignored);
  make_folders(beside);
  try {
    save_weights(beside + "/model.safetensors", optimizer.weights(), tokenizers);
    TensorFile file{optimizer.state(), {{kStateKey, to_text(state)}}};
    write_safetensors(beside + "/training.safetensors", file);
  } catch (...) {
    fs::remove_all(beside, ignored);
    throw;
  }
  if (file_exists(path) && swap_places(beside, path)) {
    fs::remove_all(beside, ignored);
    return;
  }
  fs::remove_all(path, ignored);
  rename_durably(beside, path);
}

TrainingState CheckpointFolder::load(int64_t step, Optimizer& optimizer,
                                     const Tokenizers& tokenizers) const {
  std::string path = path_of(step);
  TensorFile weights = read_safetensors(path + "/model.safetensors");
  check_vocabulary(path + "/model.safetensors", weights.metadata, tokenizers);
  TensorFile training = read_safetensors(path + "/training.safetensors");
  if (!training.metadata.contains(kStateKey)) {
    fail("{}/training.safetensors: no training state in it", path);
  }
  TrainingState state = state_from(training.metadata.at(kStateKey));
  optimizer.load_weights(weights.tensors);
  optimizer.load_state(training.tensors);
  return state;
}

std::optional<TrainingState> CheckpointFolder::load_newest(Optimizer& optimizer,
                                                           const Tokenizers& tokenizers) {
  std::vector<int64_t> all = steps();
  std::string last_error;
  for (auto step = all.rbegin(); step != all.rend(); ++step) {
    try {
      return load(*step, optimizer, tokenizers);
    } catch (const std::exception& error) {
      last_error = error.what();
      log_warning("cannot resume from {}: {}", path_of(*step), last_error);
    }
  }
  if (!all.empty()) {
    fail(
        "{}: none of the {} checkpoints can be resumed from; the last problem: {}; --fresh starts "
        "again from nothing",
        folder_, all.size(), last_error);
  }
  return std::nullopt;
}

void CheckpointFolder::prune(int64_t keep_last, const std::vector<int64_t>& keep) {
  std::vector<int64_t> all = steps();
  auto newest = static_cast<int64_t>(all.size()) - keep_last;
  std::error_code ignored;
  for (int64_t i = 0; i < newest; ++i) {
    if (std::find(keep.begin(), keep.end(), all[i]) != keep.end()) continue;
    fs::remove_all(path_of(all[i]), ignored);
  }
}

void CheckpointFolder::remove_all() {
  std::error_code ignored;
  for (int64_t step : steps()) fs::remove_all(path_of(step), ignored);
}

std::map<std::string, Tensor> average_weights(const std::vector<std::string>& paths) {
  auto [sum, metadata] = read_safetensors(paths.at(0));
  for (auto& [name, tensor] : sum) tensor = tensor.to(torch::kFloat64);
  for (size_t i = 1; i < paths.size(); ++i) {
    TensorFile next = read_safetensors(paths[i]);
    if (next.metadata[kVocabularyKey] != metadata[kVocabularyKey]) {
      fail("{} and {} were trained with different vocabularies (checksums {} and {})", paths[0],
           paths[i], metadata[kVocabularyKey], next.metadata[kVocabularyKey]);
    }
    for (auto& [name, tensor] : sum) {
      auto found = next.tensors.find(name);
      if (found == next.tensors.end() || found->second.sizes() != tensor.sizes() ||
          next.tensors.size() != sum.size()) {
        fail("{} and {} hold different models: tensor {} does not fit", paths[0], paths[i], name);
      }
      tensor += found->second.to(torch::kFloat64);
    }
  }
  auto count = static_cast<double>(paths.size());
  for (auto& [name, tensor] : sum) tensor = (tensor / count).to(torch::kFloat32);
  return sum;
}

}  // namespace heed
