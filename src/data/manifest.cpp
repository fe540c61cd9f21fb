#include "data/manifest.h"

#include <algorithm>
#include <filesystem>

#include "data/lexicon.h"
#include "util/file_content.h"
#include "util/paths.h"
#include "util/text.h"

namespace heed {
namespace {

constexpr std::string_view kBegin = "# heed train wrote this file and, beside it, ";

std::string name_of(const std::string& path) {
  return std::filesystem::path(path).filename().string();
}

bool has_checkpoint(const ModelFolder& folder) {
  return std::ranges::any_of(folder.checkpoint_steps(), [&](int64_t step) {
    return file_exists(ModelFolder{folder.checkpoint(step)}.training_state());
  });
}

}  // namespace

Manifest::Manifest(const ModelFolder& folder) : folder_(folder) {
  std::string text = file_exists(folder.config()) ? read_file(folder.config()) : std::string();
  if (text.starts_with(kBegin)) {
    text = text.substr(0, text.find('\n')).substr(kBegin.size());
    names_ = split_words(text);
    names_.push_back(name_of(folder.config()));
  } else if (has_checkpoint(folder)) {  // of a version that wrote no such line
    for (const std::string& path : folder.files()) names_.push_back(name_of(path));
  }
}

bool Manifest::made(const std::string& path) const {
  if (std::ranges::count(names_, name_of(path)) > 0) return true;
  return path == folder_.lexicon() && Lexicon::is_one(path);  // `heed translate` has learned it
}

std::vector<std::string> Manifest::foreign(const Config& config) const {
  std::vector<std::string> paths;
  for (const std::string& path : folder_.files()) {
    if (file_exists(path) && !made(path) && !is_given(path, config)) paths.push_back(path);
  }
  bool others = names_.empty() && !folder_.checkpoint_steps().empty();
  if (others) paths.push_back(folder_.checkpoints());
  return paths;
}

bool Manifest::is_given(const std::string& path, const Config& config) {
  const TokenizerConfig& given = config.tokenizer;
  return std::ranges::any_of(
      std::vector{given.model, given.source_model, given.target_model},
      [&](const std::string& input) { return !input.empty() && same_file(input, path); });
}

std::string Manifest::line(const Config& config, const Tokenizers& tokenizers) const {
  std::string text(kBegin);
  std::vector<std::string> paths = {folder_.weights(), folder_.validations(), folder_.metrics(),
                                    folder_.translations()};
  for (const std::string& path : folder_.tokenizer_files(tokenizers)) {
    if (made(path) || !is_given(path, config)) paths.push_back(path);
  }
  for (const std::string& path : paths) text += name_of(path) + " ";
  text.back() = '\n';
  return text;
}

}  // namespace heed
