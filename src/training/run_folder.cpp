#include "training/run_folder.h"

#include <algorithm>
#include <filesystem>

#include "config/ini.h"
#include "config/options.h"
#include "config/render.h"
#include "data/inherited_config.h"
#include "data/lexicon.h"
#include "data/manifest.h"
#include "data/tags.h"
#include "report/event_file.h"
#include "training/checkpoint.h"
#include "util/atomic_file.h"
#include "util/error.h"
#include "util/file_content.h"
#include "util/log.h"
#include "util/paths.h"
#include "util/text.h"

namespace heed {
namespace fs = std::filesystem;
namespace {

const std::string& made(const std::string& folder) {
  make_folders(folder);
  return folder;
}

std::vector<std::string> event_files(const ModelFolder& folder) {
  std::vector<std::string> files;
  for (const std::string& name : names_in_folder(folder.path)) {
    if (name.starts_with(kEventFilePrefix) && name.ends_with(kEventFileSuffix)) {
      files.push_back(folder.path + "/" + name);
    }
  }
  return files;
}

// Half-written files of a training that was killed; whoever holds the folder's lock may remove
// them.
void remove_leftovers(const ModelFolder& folder) {
  for (const std::string& name : names_in_folder(folder.path)) {
    for (const std::string& path : folder.files()) {
      if (is_unfinished(name, fs::path(path).filename().string())) {
        remove_file(folder.path + "/" + name);
      }
    }
  }
}

// As it stands in the folder, which may be moved.
Config movable(Config config) {
  config.output.folder = std::string(".");
  return config;
}

// What the training would have written of the values in a file; nothing for one that has others
// than these.
std::string rendered(const std::string& path) {
  try {
    return render_config(movable(load_config(path, {})));
  } catch (const UsageError&) {
    return {};
  }
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n') + 1); }

Tokenizers make_tokenizers(const Config& config, const ParallelText& text) {
  const TokenizerConfig& options = config.tokenizer;
  if (!options.model.empty() || !options.source_model.empty()) return named_tokenizers(options);
  TokenizerConfig with_tags = options;
  for (const std::string& tag : tags_of(config.data)) {
    bool named = std::ranges::count(options.user_defined, tag) > 0;
    if (!named) with_tags.user_defined.push_back(tag);
  }
  check_pieces(with_tags);
  SideReader source(text, ParallelText::Side::kSource), target(text, ParallelText::Side::kTarget);
  auto next_source = [&](std::string& line) { return source.next(line); };
  auto next_target = [&](std::string& line) { return target.next(line); };
  auto next = [&](std::string& line) { return source.next(line) || target.next(line); };
  auto learn = [&](const std::function<bool(std::string&)>& lines) {
    TrainingText sample{lines, text.names(), static_cast<uint64_t>(config.training.seed)};
    return std::make_shared<Tokenizer>(train_tokenizer(sample, with_tags));
  };
  if (!options.shared) {
    auto of_source = learn(next_source);
    return {of_source, learn(next_target)};
  }
  auto both = learn(next);
  return {both, both};
}

}  // namespace

RunFolder::RunFolder(const std::string& path, StartMode mode)
    : files_{path}, lock_(made(path)), checkpoints_(files_) {
  check_plain_files(files_);
  make_folders(files_.checkpoints());
  remove_leftovers(files_);
  checkpoints_.recover(is_whole_checkpoint);
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
        "{}: holds a model but no checkpoint to go on from; --fresh replaces a model that a "
        "training made here, or choose another output.folder",
        files_.path);
  }
  return true;
}

void RunFolder::check_foreign(const Config& config) const {
  std::vector<std::string> foreign = Manifest(files_).foreign(config);
  if (foreign.empty()) return;
  fail(
      "{}: no training has made {}, and this one would write over it; move it away, or choose "
      "another output.folder",
      files_.path, join(foreign, ", "));
}

void RunFolder::check(const Config& config) const {
  if (anew_) check_foreign(config);
  if (anew_) return;
  if (!file_exists(files_.config())) {
    fail(
        "{}: config.ini is gone, which says what this training began with; put it back, or go on "
        "in another output.folder from these weights (training.initial_model = {})",
        files_.path, files_.checkpoint(files_.checkpoint_steps().back()));
  }
  Config before = load_config(files_.config(), {});
  std::vector<std::string> refused;
  for (const Option& option : option_table()) {
    std::string old_value = option.get(before), new_value = option.get(config);
    if (old_value == new_value || option.name() == "output.folder") continue;
    if (option.on_resume == OnResume::kFixed) {
      refused.push_back(
          fmt::format("{} = {} (it began with {})", option.name(), new_value, old_value));
      continue;
    }
    log_info("resume: {} = {} as given now, it was {}", option.name(), new_value, old_value);
  }
  if (refused.empty()) return;
  fail_usage(
      "{}: the training in this folder cannot go on with {}; give the old values, another "
      "output.folder, or --fresh",
      files_.path, join(refused, "; "));
}

Tokenizers RunFolder::tokenizers(const Config& config, const ParallelText& text,
                                 const InitialModel* initial) const {
  if (anew_ && initial && takes_vocabulary(config.training)) return initial->tokenizers();
  if (anew_ || !files_.has_tokenizers()) return make_tokenizers(config, text);
  Tokenizers before = files_.load_tokenizers();
  bool given_now = !config.tokenizer.model.empty() || !config.tokenizer.source_model.empty();
  if (given_now && make_tokenizers(config, text).checksum() != before.checksum()) {
    fail_usage(
        "{}: the training in this folder began with another vocabulary than [tokenizer] names now; "
        "give the old one, another output.folder, or --fresh",
        files_.path);
  }
  return before;
}

// Checkpoints go first: without them nothing goes on from what else is still there.
void RunFolder::remove_former(const std::vector<std::string>& made) const {
  for (int64_t step : files_.checkpoint_steps()) checkpoints_.remove(step);
  std::ranges::for_each(made, remove_file);
}

// What was written by hand, comments say, stays under another name.
void RunFolder::write_config(const Config& config, const std::string& manifest_line) const {
  std::string path = files_.config(), text = manifest_line + render_config(movable(config));
  if (file_exists(path)) {
    std::string before = read_file(path);
    std::string its = rendered(path);
    if (!anew_ && its == render_config(movable(config))) return;
    if (before != its && before != first_line(before) + its) {
      std::string kept = free_path(path + ".edited");
      write_file_atomically(kept, before);
      log_info("{}: written by hand and replaced by what is trained now; it is kept as {}", path,
               kept);
    }
  }
  write_file_atomically(path, text);
}

void RunFolder::write(const Config& config, const Tokenizers& tokenizers) const {
  Manifest manifest(files_);
  std::string line = manifest.line(config, tokenizers);
  if (anew_) {
    std::vector<std::string> own = files_.tokenizer_files(tokenizers), former;
    own.push_back(files_.config());
    for (const std::string& path : files_.files()) {
      if (manifest.made(path) && std::ranges::count(own, path) == 0) former.push_back(path);
    }
    remove_former(former);
    std::ranges::for_each(event_files(files_), remove_file);
  }
  write_config(config, line);
  if (anew_ || !files_.has_tokenizers()) files_.save_tokenizers(tokenizers);
}

void RunFolder::remove_lexicon() const {
  if (Lexicon::is_one(files_.lexicon())) remove_file(files_.lexicon());
}

void RunFolder::prune(int64_t keep_last, const std::vector<int64_t>& keep) const {
  try {
    std::vector<int64_t> all = files_.checkpoint_steps();
    for (int64_t i = 0; i < std::ssize(all) - keep_last; ++i) {
      if (std::ranges::find(keep, all[i]) == keep.end()) checkpoints_.remove(all[i]);
    }
  } catch (const Error& error) {
    log_warning("{}; old checkpoints stay for now", error.what());
  }
}

}  // namespace heed
