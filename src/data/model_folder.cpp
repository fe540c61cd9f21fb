#include "data/model_folder.h"

#include "config/ini.h"
#include "util/atomic_file.h"
#include "util/error.h"
#include "util/file_content.h"
#include "util/paths.h"

namespace heed {
namespace {

std::shared_ptr<Tokenizer> load(const std::string& path) {
  return std::make_shared<Tokenizer>(load_tokenizer(path));
}

}  // namespace

std::string Tokenizers::checksum() const {
  std::string sum = heed::checksum(source->model_bytes());
  return shared() ? sum : sum + heed::checksum(target->model_bytes());
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
