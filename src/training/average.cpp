#include "training/average.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>

#include "config/options.h"
#include "config/render.h"
#include "model/safetensors.h"
#include "model/weights.h"
#include "training/train.h"
#include "training/training_state.h"
#include "util/atomic_file.h"
#include "util/error.h"
#include "util/folder_lock.h"
#include "util/log.h"
#include "util/new_folder.h"
#include "util/paths.h"
#include "util/text.h"

namespace heed {
namespace fs = std::filesystem;
namespace {

// Weights to average, and the model that they are of, where a folder says so.
struct Source {
  std::string weights;
  std::optional<ModelFolder> model;
};

std::string folder_of(const std::string& path) {
  return fs::absolute(path).lexically_normal().parent_path().string();
}

// The weights of a model folder or of a checkpoint in it, or a file of either.
Source source_of(const std::string& path) {
  Source source{is_folder(path) ? ModelFolder{path}.weights() : path, std::nullopt};
  std::string own = folder_of(source.weights), above = folder_of(folder_of(own));
  for (const std::string& folder : {own, above}) {
    if (folder == above && folder_of(own) != ModelFolder{above}.checkpoints()) break;
    if (!file_exists(ModelFolder{folder}.config())) continue;
    source.model = ModelFolder{folder};
    break;
  }
  return source;
}

// Throws Error where the two are not of one model: shapes alone do not tell heads, activation or
// positions.
void check_same_model(const ModelFolder& one, const ModelFolder& other) {
  if (one.path == other.path) return;
  Config first = one.read_config(), second = other.read_config();
  std::vector<std::string> differences;
  for (const Option* option : fixed_model_options()) {
    std::string here = option->get(first), there = option->get(second);
    if (here == there) continue;
    differences.push_back(fmt::format("{} = {} and {}", option->name(), here, there));
  }
  if (differences.empty()) return;
  fail("{} and {} hold different models: {}", one.config(), other.config(),
       join(differences, "; "));
}

// The same of what two files of weights say of themselves.
void check_same_origin(const std::string& one, const std::string& other) {
  Metadata there = origin_in(TensorReader(other).metadata());
  for (const auto& [key, value] : origin_in(TensorReader(one).metadata())) {
    auto said = there.find(key);
    if (said == there.end() || said->second == value) continue;
    fail("{} and {} hold different models: {} = {} and {}", one, other, key, printable(value, 80),
         printable(said->second, 80));
  }
}

// Of an optimizer's numbers no mean makes weights.
void refuse_training_state(const std::string& path) {
  TensorReader reader(path);
  if (!reader.metadata().contains(kStateKey) || !origin_in(reader.metadata()).empty()) return;
  fail_usage(
      "{}: holds the state of a training (its optimizer's), not weights; give the folder of the "
      "checkpoint, or its model.safetensors",
      path);
}

TensorFile average(const std::vector<Source>& sources) {
  std::vector<std::string> paths;
  for (const Source& source : sources) paths.push_back(source.weights);
  for (const std::string& path : paths) refuse_training_state(path);
  TensorFile mean{average_weights(paths), {}};
  const ModelFolder* first = nullptr;
  for (const Source& source : sources) {
    if (!source.model) continue;
    if (first == nullptr) first = &*source.model;
    check_same_model(*first, *source.model);
  }
  for (const std::string& path : paths) check_same_origin(paths[0], path);
  mean.metadata = origin_in(TensorReader(paths.at(0)).metadata());
  return mean;
}

// The folder of an output, and those that its symbolic links lead to: what is true of any of them
// is true of the output.
std::set<std::string> folders_of(const std::string& output) {
  std::set<std::string> folders;
  for (const std::string& place : along_links(output)) folders.insert(real_folder_of(place));
  return folders;
}

// A file in a model folder waits for whoever is at work there.
void write_weights(const std::string& output, const TensorFile& mean) {
  std::vector<std::unique_ptr<FolderLock>> locks;
  for (const std::string& folder : folders_of(output)) {
    if (!file_exists(ModelFolder{folder}.config())) continue;
    locks.push_back(std::make_unique<FolderLock>(folder));
  }
  write_safetensors(behind_links(output), mean);
}

// Weights first: a disk that is too full for them is left as it was.
void write_whole(const ModelFolder& folder, Config config, const Tokenizers& tokenizers,
                 const TensorFile& mean) {
  write_safetensors(folder.weights(), mean);
  folder.save_tokenizers(tokenizers);
  config.output.folder = std::string(".");
  write_file_atomically(folder.config(), render_config(config));
}

// A whole model in a new folder or an empty one; in a folder of the same model, its weights anew.
void write_model(const std::string& output, const std::vector<Source>& sources,
                 const TensorFile& mean) {
  auto known =
      std::ranges::find_if(sources, [](const Source& source) { return source.model.has_value(); });
  if (known == sources.end()) {
    fail(
        "{}: a model folder needs a configuration, and none of the checkpoints lies in a model "
        "folder; name a file that ends in .safetensors",
        output);
  }
  Config config = known->model->read_config();
  Tokenizers tokenizers = known->model->load_tokenizers();
  check_origin(known->weights, mean.metadata, origin_of(config.model, tokenizers));
  if (!file_exists(output)) {
    NewFolder made(behind_links(output));
    write_whole({made.beside()}, config, tokenizers, mean);
    made.finish();
    return;
  }
  ModelFolder folder{output};
  if (!file_exists(folder.config())) {
    for (const std::string& name : names_in_folder(output)) {
      if (name == ".lock") continue;  // of a command that was cut short
      fail("{}/{}: the folder holds other things than a model; choose a new folder", output, name);
    }
  }
  FolderLock lock(output);
  if (!file_exists(folder.config())) {
    write_whole(folder, config, tokenizers, mean);
    return;
  }
  check_same_model(*known->model, folder);
  if (folder.load_tokenizers().checksum() != tokenizers.checksum()) {
    fail("{}: holds a model of another vocabulary; choose another folder", output);
  }
  write_safetensors(folder.weights(), mean);
}

// The state beside a checkpoint's weights is of those weights: a training that goes on needs both.
void check_output(const std::string& output) {
  for (const std::string& folder : folders_of(output)) {
    if (!file_exists(ModelFolder{folder}.training_state())) continue;
    fail_usage("{}: lies in {}, a checkpoint of a training; choose another place for the mean",
               output, folder);
  }
}

}  // namespace

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

void average_checkpoints(const std::vector<std::string>& checkpoints, const std::string& output) {
  std::vector<Source> sources;
  for (const std::string& path : checkpoints) sources.push_back(source_of(path));
  if (output == "-") {
    fail_usage("-o -: weights cannot go to standard output; name a folder or a file");
  }
  check_output(output);
  bool file = !is_folder(output) && output.ends_with(".safetensors");
  if (!file && file_exists(output) && !is_folder(output)) {
    fail("{}: is a file; name a folder for the model, or a file that ends in .safetensors", output);
  }
  TensorFile mean = average(sources);
  if (file) {
    write_weights(output, mean);
  } else {
    write_model(output, sources, mean);
  }
  log_info("wrote {}: the mean of {} checkpoints", output, sources.size());
}

}  // namespace heed
