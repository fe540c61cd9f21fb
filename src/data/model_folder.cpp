#include "data/model_folder.h"

#include <algorithm>
#include <filesystem>

#include "config/ini.h"
#include "util/atomic_file.h"
#include "util/descriptors.h"
#include "util/error.h"
#include "util/file_content.h"
#include "util/paths.h"
#include "util/text.h"

namespace heed {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kCheckpoint = "step-";

std::shared_ptr<Tokenizer> load(const std::string& path) {
  std::string list = ModelFolder::vocabulary_beside(path);
  if (!file_exists(list)) return std::make_shared<Tokenizer>(load_tokenizer(path));
  return std::make_shared<Tokenizer>(read_file(path), path, read_vocabulary(read_file(list), list));
}

// A file that is there may be the very one that the training was given.
void write_unless_same(const std::string& path, const std::string& bytes) {
  if (!file_exists(path) || read_file(path) != bytes) write_file_atomically(path, bytes);
}

void save(const Tokenizer& tokenizer, const std::string& path) {
  if (tokenizer.is_listed()) {
    write_unless_same(ModelFolder::vocabulary_beside(path),
                      vocabulary_text(tokenizer.vocabulary()));
  }
  write_unless_same(path, tokenizer.model_bytes());
}

// The model that the checkpoint in folder `path` belongs to.
ModelFolder model_of_checkpoint(const std::string& path) {
  fs::path real = fs::canonical(path);
  if (real.extension() == ".tmp") {
    fail("{}: a checkpoint that is being written, or was left half-written; name another", path);
  }
  ModelFolder folder{real.parent_path().parent_path().string(), path};
  if (!file_exists(folder.config())) {
    fail(
        "{}: a checkpoint needs its model folder, and there is no {}; leave it where training made "
        "it, or put config.ini and the tokenizer beside its weights",
        path, folder.config());
  }
  check_plain_files({folder.path});
  if (!file_exists(folder.weights())) {
    fail("{}: no such file: this checkpoint is not whole; name another", folder.weights());
  }
  return folder;
}

// What to name instead of a folder that is no model.
std::string nearest_model(const std::string& path) {
  fs::path real = fs::canonical(path);
  ModelFolder parent{real.parent_path().string()};
  if (real.filename() != "checkpoints" || !file_exists(parent.config())) return "";
  std::vector<int64_t> steps = parent.checkpoint_steps();
  if (steps.empty()) return "; it is of checkpoints, and holds none";
  return fmt::format("; name one of its checkpoints, {}{} to {}{}", kCheckpoint, steps.front(),
                     kCheckpoint, steps.back());
}

}  // namespace

std::string Tokenizers::checksum() const {
  return shared() ? source->checksum() : source->checksum() + target->checksum();
}

bool Tokenizers::one_vocabulary() const {
  return shared() || source->vocabulary().pieces() == target->vocabulary().pieces();
}

std::string ModelFolder::vocabulary_beside(const std::string& tokenizer) {
  return std::filesystem::path(tokenizer).replace_extension("vocabulary").string();
}

Tokenizers named_tokenizers(const TokenizerConfig& config) {
  if (!config.source_model.empty()) return {load(config.source_model), load(config.target_model)};
  auto both = load(config.model);
  return {both, both};
}

std::string ModelFolder::checkpoint(int64_t step) const {
  return fmt::format("{}/{}{}", checkpoints(), kCheckpoint, step);
}

std::vector<std::string> ModelFolder::files() const {
  std::vector<std::string> paths = {config(),  weights(), validations(),
                                    metrics(), lexicon(), translations()};
  for (const std::string& side : {tokenizer(), source_tokenizer(), target_tokenizer()}) {
    paths.push_back(side);
    paths.push_back(vocabulary_beside(side));
  }
  return paths;
}

std::vector<std::string> ModelFolder::tokenizer_files(const Tokenizers& tokenizers) const {
  std::vector<std::string> paths;
  auto add = [&](const Tokenizer& side, const std::string& path) {
    paths.push_back(path);
    if (side.is_listed()) paths.push_back(vocabulary_beside(path));
  };
  bool shared = tokenizers.shared();
  add(*tokenizers.source, shared ? tokenizer() : source_tokenizer());
  if (!shared) add(*tokenizers.target, target_tokenizer());
  return paths;
}

std::vector<int64_t> ModelFolder::checkpoint_steps() const {
  std::vector<int64_t> steps;
  for (const std::string& name : names_in_folder(checkpoints())) {
    if (!name.starts_with(kCheckpoint)) continue;
    auto step = parse_int(name.substr(kCheckpoint.size()));
    if (!step || *step < 0 || checkpoints() + "/" + name != checkpoint(*step)) continue;
    ModelFolder files{checkpoint(*step)};
    if (file_exists(files.weights()) || file_exists(files.training_state())) steps.push_back(*step);
  }
  std::ranges::sort(steps);
  return steps;
}

Config ModelFolder::read_config() const {
  Config read = load_config(config(), {});
  try {
    check_model(read.model);
  } catch (const UsageError& error) {
    fail("{}: {}", config(), error.what());
  }
  return read;
}

bool ModelFolder::has_tokenizers() const {
  return file_exists(tokenizer()) ||
         (file_exists(source_tokenizer()) && file_exists(target_tokenizer()));
}

Tokenizers ModelFolder::load_tokenizers() const {
  if (file_exists(source_tokenizer())) return {load(source_tokenizer()), load(target_tokenizer())};
  auto both = load(tokenizer());
  return {both, both};
}

void ModelFolder::save_tokenizers(const Tokenizers& tokenizers) const {
  bool shared = tokenizers.shared();
  save(*tokenizers.source, shared ? tokenizer() : source_tokenizer());
  if (!shared) save(*tokenizers.target, target_tokenizer());
}

void check_plain_files(const ModelFolder& folder) {
  std::vector<std::string> paths = folder.files();
  paths.push_back(folder.log());
  for (const std::string& path : paths) {
    if (!descriptors::is_pipe_or_device(path)) continue;
    fail("{}: is a pipe or a device, where a file of a model or of its training should be", path);
  }
}

ModelFolder find_model(const std::string& path) {
  check_folder(path);
  ModelFolder folder{path};
  check_plain_files(folder);
  if (file_exists(folder.config())) return folder;
  std::string name = fs::canonical(path).filename().string();
  if (name.starts_with(kCheckpoint)) return model_of_checkpoint(path);
  fail("{}: No such file or directory: this is no model folder{}", folder.config(),
       nearest_model(path));
}

void check_folder(const std::string& path) {
  if (is_folder(path)) return;
  fail("{}: {}", path,
       file_exists(path) ? "is a file; name the model folder that training made"
                         : "no such model folder");
}

}  // namespace heed
