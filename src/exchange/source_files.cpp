#include "exchange/source_files.h"

#include <filesystem>

#include "util/error.h"
#include "util/file_content.h"
#include "util/paths.h"

namespace heed {
namespace fs = std::filesystem;

SourceFiles::SourceFiles(std::string path) : path_(std::move(path)) {
  while (path_.size() > 1 && path_.ends_with('/')) path_.pop_back();
  if (is_folder(path_)) {
    for (const auto& entry : fs::directory_iterator(path_)) {
      if (entry.is_regular_file()) files_[entry.path().filename().string()] = entry.path().string();
    }
    return;
  }
  if (!file_exists(path_)) fail("{}: no such folder or zip file", path_);
  if (path_.ends_with(".npz")) {
    fail("{}: name the folder that holds it, with its vocabularies and SentencePiece models",
         path_);
  }
  zip_.emplace(path_);
  for (const auto& [member, entry] : zip_->members()) {
    std::string name = fs::path(member).filename().string();
    if (!files_.emplace(name, member).second) {
      fail("{}: holds two files {}: {} and {}", path_, name, files_.at(name), member);
    }
  }
}

std::vector<std::string> SourceFiles::names() const {
  std::vector<std::string> names;
  for (const auto& [name, place] : files_) names.push_back(name);
  return names;
}

std::vector<std::string> SourceFiles::ending(const std::string& end) const {
  std::vector<std::string> found;
  for (const auto& [name, place] : files_) {
    if (name.ends_with(end)) found.push_back(name);
  }
  return found;
}

void SourceFiles::check(const std::string& name) const {
  if (!has(name)) fail("{}: no file {}", path_, name);
}

std::string SourceFiles::read(const std::string& name) const {
  check(name);
  return zip_ ? zip_->read(files_.at(name)) : read_file(files_.at(name));
}

ZipArchive SourceFiles::read_archive(const std::string& name) const {
  check(name);
  return zip_ ? ZipArchive(where(name), read(name)) : ZipArchive(files_.at(name));
}

}  // namespace heed
