#include "util/new_folder.h"

#include <unistd.h>

#include <filesystem>

#include "util/atomic_file.h"
#include "util/error.h"
#include "util/paths.h"

namespace heed {

NewFolder::NewFolder(const std::string& path) : path_(path) {
  if (path_.empty()) fail("-o: the new folder has no name");
  if (path_ == "-") fail_usage("-o -: a folder cannot go to standard output; give its name");
  while (path_.size() > 1 && path_.ends_with('/')) path_.pop_back();
  if (file_exists(path_)) fail("{}: is there already: remove it, or name another folder", path_);
}

NewFolder::~NewFolder() {
  std::error_code ignored;
  if (!beside_.empty()) std::filesystem::remove_all(beside_, ignored);
}

const std::string& NewFolder::beside() {
  if (beside_.empty()) {
    beside_ = fmt::format("{}.tmp.{}", path_, ::getpid());
    leftover_.emplace(beside_);
    make_folders(beside_);
  }
  return beside_;
}

void NewFolder::finish() {
  rename_durably(beside(), path_);
  leftover_.reset();
  beside_.clear();
}

}  // namespace heed
