#include "training/run_folder.h"

#include <algorithm>
#include <filesystem>

#include "config/ini.h"
#include "config/options.h"
#include "config/render.h"
#include "data/inherited_config.h"
#include "data/tags.h"
#include "util/atomic_file.h"
#include "util/error.h"
#include "util/log.h"
#include "util/paths.h"
#include "util/text.h"

namespace heed {
namespace fs = std::filesystem;
namespace {

// What a training leaves beside checkpoints and the log, which goes on.
std::vector<std::string> own_files(const ModelFolder& folder) {
  return {folder.config(),           folder.tokenizer(), folder.source_tokenizer(),
          folder.target_tokenizer(), folder.weights(),   folder.validations(),
          folder.metrics(),          folder.lexicon(),   folder.translations()};
}

const std::string& made(const std::string& folder) {
  make_folders(folder);
  return folder;
}

void remove_file(const fs::path& path) {
  std::error_code ignored;
  fs::remove(path, ignored);
}

void remove_folder(const fs::path& path) {
  std::error_code ignored;
  fs::remove_all(path, ignored);
}

// Half-written files of a training that was killed; whoever holds the folder's lock may remove
// them.
void remove_leftovers(const ModelFolder& folder) {
  std::vector<fs::path> files, checkpoints;
  for (const auto& entry : fs::directory_iterator(folder.path)) {
    std::string name = entry.path().filename().string();
    for (const std::string& own : own_files(folder)) {
      if (name.starts_with(fs::path(own).filename().string() + ".tmp")) files.push_back(entry);
    }
  }
  for (const auto& entry : fs::directory_iterator(folder.checkpoints())) {
    if (entry.path().extension() == ".tmp") checkpoints.push_back(entry);
  }
  std::ranges::for_each(files, remove_file);
  std::ranges::for_each(checkpoints, remove_folder);
}

Tokenizers make_tokenizers(const Config& config) {
  const TokenizerConfig& options = config.tokenizer;
  if (!options.model.empty() || !options.source_model.empty()) return named_tokenizers(options);
  TokenizerConfig with_tags = options;
  for (const std::string& tag : tags_of(config.data)) {
    bool named = std::ranges::count(options.user_defined, tag) > 0;
    if (!named) with_tags.user_defined.push_back(tag);
  }
  check_pieces(with_tags);
  auto learn = [&](const std::vector<std::string>& files) {
    return std::make_shared<Tokenizer>(train_tokenizer(files, with_tags));
  };
  if (!options.shared) return {learn(config.data.train_source), learn(config.data.train_target)};
  std::vector<std::string> files = config.data.train_source;
  files.insert(files.end(), config.data.train_target.begin(), config.data.train_target.end());
  auto both = learn(files);
  return {both, both};
}

}  // namespace

RunFolder::RunFolder(const std::string& path, StartMode mode) : files_{path}, lock_(made(path)) {
  make_folders(files_.checkpoints());
  remove_leftovers(files_);
  anew_ = begins_anew(mode);
}

bool RunFolder::begins_anew(StartMode mode) const {
  if (mode == StartMode::kFresh) return true;
  if (!files_.checkpoint_steps().empty()) return false;
  if (mode == StartMode::kResume) {
    fail("{}: --resume: there is no checkpoint in this folder", files_.path);
  }
  if (file_exists(files_.weights())) {
    fail(
        "{}: holds a model but no checkpoint to go on from; --fresh replaces the model, or choose "
        "another output.folder",
        files_.path);
  }
  return true;
}

bool RunFolder::same_batches(const Config& config) const {
  if (anew_ || !file_exists(files_.config())) return true;
  Config before = load_config(files_.config(), {});
  std::vector<std::string> refused;
  bool same = true;
  for (const Option& option : option_table()) {
    std::string old_value = option.get(before), new_value = option.get(config);
    if (old_value == new_value || option.name() == "output.folder") continue;
    if (option.on_resume == OnResume::kFixed) {
      refused.push_back(
          fmt::format("{} = {} (it began with {})", option.name(), new_value, old_value));
      continue;
    }
    log_info("resume: {} = {} as given now, it was {}", option.name(), new_value, old_value);
    if (option.name() == "training.batch_tokens") same = false;
  }
  if (!refused.empty()) {
    fail_usage(
        "{}: the training in this folder cannot go on with {}; give the old values, another "
        "output.folder, or --fresh",
        files_.path, join(refused, "; "));
  }
  return same;
}

Tokenizers RunFolder::tokenizers(const Config& config, const InitialModel* initial) const {
  if (anew_ && initial && takes_vocabulary(config.training)) return initial->tokenizers();
  if (anew_ || !files_.has_tokenizers()) return make_tokenizers(config);
  Tokenizers before = files_.load_tokenizers();
  bool given_now = !config.tokenizer.model.empty() || !config.tokenizer.source_model.empty();
  if (given_now && make_tokenizers(config).checksum() != before.checksum()) {
    fail_usage(
        "{}: the training in this folder began with another vocabulary than [tokenizer] names now; "
        "give the old one, another output.folder, or --fresh",
        files_.path);
  }
  return before;
}

void RunFolder::write(const Config& config, const Tokenizers& tokenizers) const {
  if (anew_) {
    prune(0, {});
    std::ranges::for_each(own_files(files_), remove_file);
  }
  if (!files_.has_tokenizers()) files_.save_tokenizers(tokenizers);
  Config saved = config;
  saved.output.folder = std::string(".");  // wherever the folder is moved to
  write_file_atomically(files_.config(), render_config(saved));
}

void RunFolder::prune(int64_t keep_last, const std::vector<int64_t>& keep) const {
  std::vector<int64_t> all = files_.checkpoint_steps();
  for (int64_t i = 0; i < std::ssize(all) - keep_last; ++i) {
    if (std::ranges::find(keep, all[i]) == keep.end()) remove_folder(files_.checkpoint(all[i]));
  }
}

}  // namespace heed
