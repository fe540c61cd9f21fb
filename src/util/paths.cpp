#include "util/paths.h"

#include <filesystem>

#include "util/descriptors.h"
#include "util/error.h"

namespace heed {
namespace fs = std::filesystem;
using namespace descriptors;

bool file_exists(const std::string& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

bool is_folder(const std::string& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

bool same_file(const std::string& one, const std::string& other) {
  if (one == "-" || other == "-" || is_special(one) || is_special(other)) return false;
  std::error_code ignored;
  if (fs::exists(one, ignored) && fs::exists(other, ignored)) {
    return fs::equivalent(one, other, ignored);
  }
  return fs::weakly_canonical(one, ignored) == fs::weakly_canonical(other, ignored);
}

void make_folders(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) fail("cannot make the folder {}: {}", path, error.message());
}

std::string resolve_path(const std::string& folder, const std::string& path) {
  if (path.empty() || folder.empty() || fs::path(path).is_absolute()) return path;
  fs::path resolved = (fs::path(folder) / path).lexically_normal();
  return (resolved.has_filename() ? resolved : resolved.parent_path()).string();
}

}  // namespace heed
