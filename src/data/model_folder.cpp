#include "data/model_folder.h"

#include <algorithm>
#include <filesystem>

#include "config/ini.h"
#include "util/atomic_file.h"
#include "util/error.h"
#include "util/file_content.h"
#include "util/paths.h"
#include "util/text.h"

namespace heed {
namespace {

constexpr std::string_view kCheckpoint = "step-";

std::shared_ptr<Tokenizer> load(const std::string& path) {
  return std::make_shared<Tokenizer>(load_tokenizer(path));
}

}  // namespace

std::string Tokenizers::checksum() const {
  std::string sum = heed::checksum(source->model_bytes());
  return shared() ? sum : sum + heed::checksum(target->model_bytes());
}

std::string ModelFolder::checkpoint(int64_t step) const {
  return fmt::format("{}/{}{}", checkpoints(), kCheckpoint, step);
}

std::vector<int64_t> ModelFolder::checkpoint_steps() const {
  std::vector<int64_t> steps;
  for (const auto& entry : std::filesystem::directory_iterator(checkpoints())) {
    std::string name = entry.path().filename().string();
    if (!name.starts_with(kCheckpoint)) continue;
    if (auto step = parse_int(name.substr(kCheckpoint.size()))) steps.push_back(*step);
  }
  std::ranges::sort(steps);
  return steps;
}

void ModelFolder::check() const {
  if (is_folder(path)) return;
  fail("{}: {}", path,
       file_exists(path) ? "is a file; name the model folder that training made"
                         : "no such model folder");
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
  if (tokenizers.shared()) {
    write_file_atomically(tokenizer(), tokenizers.source->model_bytes());
    return;
  }
  write_file_atomically(source_tokenizer(), tokenizers.source->model_bytes());
  write_file_atomically(target_tokenizer(), tokenizers.target->model_bytes());
}

}  // namespace heed
