#include "training/checkpoint.h"

#include <fcntl.h>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "model/safetensors.h"
#include "util/atomic_file.h"
#include "util/error.h"
#include "util/log.h"
#include "util/paths.h"

namespace heed {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kStateKey = "state";

// Call `field` with the name and the place of each value: what is written is what is read.
template <typename Row, typename Field>
void each_of_row(Row& row, const Field& field) {
  field("step", row.step);
  field("epoch", row.epoch);
  field("loss", row.loss);
  field("bleu", row.bleu);
  field("command", row.command);
  field("rate", row.learning_rate);
  field("seconds", row.seconds);
  field("best", row.best);
}

template <typename State, typename Field>
void each_of_state(State& state, const Field& field) {
  field("step", state.step);
  field("epoch", state.position.epoch);
  field("batch", state.position.batch);
  field("plateau_factor", state.history.plateau.factor);
  field("plateau_waited", state.history.plateau.waited);
  field("waited", state.history.waited);
  field("seconds", state.seconds);
  field("target_tokens", state.target_tokens);
  field("replicas", state.replicas);
  field("batch_tokens", state.batch_tokens);
  field("reward_baseline", state.reward_baseline);
  field("corpus", state.corpus);
  field("finished", state.finished);
}

auto writer(Json& json) {
  return [&json](const char* name, const auto& value) { json[name] = value; };
}

auto reader(const Json& json) {
  return [&json](const char* name, auto& value) {
    auto found = json.find(name);
    if (found == json.end()) return;  // what a younger version added keeps its default
    if constexpr (std::is_same_v<decltype(value), double&>) {
      // JSON has no NaN: a loss that was not finite is stored as null.
      value = found->is_null() ? std::nan("") : found->template get<double>();
    } else {
      found->get_to(value);
    }
  };
}

std::string to_text(const TrainingState& state) {
  Json json, rows = Json::array();
  each_of_state(state, writer(json));
  for (const Validation& row : state.history.validations) {
    each_of_row(row, writer(rows.emplace_back()));
  }
  json["validations"] = std::move(rows);
  return json.dump();
}

TrainingState state_from(const std::string& text) {
  Json json = Json::parse(text);
  TrainingState state;
  each_of_state(state, reader(json));
  for (const Json& entry : json.at("validations")) {
    Validation& row = state.history.validations.emplace_back();
    each_of_row(row, reader(entry));
    row.perplexity = std::exp(row.loss);
  }
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

void Checkpoints::save(const TrainingState& state) const {
  std::string path = folder_.checkpoint(state.step);
  ModelFolder beside{path + ".tmp"};
  std::error_code ignored;
  fs::remove_all(beside.path, ignored);
  make_folders(beside.path);
  try {
    save_weights(beside.weights(), parameters_.weights(), tokenizers_);
    write_safetensors(beside.training_state(), {optimizer_.state(), {{kStateKey, to_text(state)}}});
  } catch (...) {
    fs::remove_all(beside.path, ignored);
    throw;
  }
  if (file_exists(path) && swap_places(beside.path, path)) {
    fs::remove_all(beside.path, ignored);
    return;
  }
  fs::remove_all(path, ignored);
  rename_durably(beside.path, path);
}

TrainingState Checkpoints::load(int64_t step) {
  ModelFolder checkpoint{folder_.checkpoint(step)};
  TensorFile weights = read_safetensors(checkpoint.weights());
  check_vocabulary(checkpoint.weights(), weights.metadata, tokenizers_);
  TensorFile training = read_safetensors(checkpoint.training_state());
  if (!training.metadata.contains(kStateKey)) {
    fail("{}: no training state in it", checkpoint.training_state());
  }
  TrainingState state = state_from(training.metadata.at(kStateKey));
  parameters_.load_weights(weights.tensors);
  optimizer_.load_state(training.tensors);
  return state;
}

std::optional<TrainingState> Checkpoints::load_newest() {
  std::vector<int64_t> all = folder_.checkpoint_steps();
  std::string last_error;
  for (auto step = all.rbegin(); step != all.rend(); ++step) {
    try {
      return load(*step);
    } catch (const std::exception& error) {
      last_error = error.what();
      log_warning("cannot resume from {}: {}", folder_.checkpoint(*step), last_error);
    }
  }
  if (!all.empty()) {
    fail(
        "{}: none of the {} checkpoints can be resumed from; the last problem: {}; --fresh starts "
        "again from nothing",
        folder_.checkpoints(), all.size(), last_error);
  }
  return std::nullopt;
}

WeightMap average_weights(const std::vector<std::string>& paths) {
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
