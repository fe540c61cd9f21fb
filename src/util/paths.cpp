#include "util/paths.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "util/atomic_file.h"
#include "util/descriptors.h"
#include "util/error.h"

namespace heed {
namespace fs = std::filesystem;
using namespace descriptors;

namespace {

// Where a file of this name is or would be made; `path` itself where its links lead in a circle.
fs::path real_place_of(const std::string& path) {
  std::error_code ignored;
  fs::path place = path;
  try {
    place = behind_links(path);
  } catch (const Error&) {
  }
  return fs::weakly_canonical(fs::absolute(place, ignored), ignored);
}

}  // namespace

bool file_exists(const std::string& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

bool is_folder(const std::string& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

bool is_standard_input(const std::string& path) {
  struct stat input {
  }, file{};
  if (::fstat(STDIN_FILENO, &input) != 0 || ::stat(path.c_str(), &file) != 0) return false;
  return S_ISREG(input.st_mode) && input.st_dev == file.st_dev && input.st_ino == file.st_ino;
}

bool same_file(const std::string& one, const std::string& other) {
  if (one == "-" || other == "-" || is_special(one) || is_special(other)) return false;
  std::error_code ignored;
  if (fs::exists(one, ignored) && fs::exists(other, ignored)) {
    return fs::equivalent(one, other, ignored);
  }
  return real_place_of(one) == real_place_of(other);
}

void make_folders(const std::string& path) {
  fs::path made;
  for (const fs::path& part : fs::path(path)) {
    made /= part;
    if (is_folder(made.string())) continue;
    if (uninterrupted([&] { return ::mkdir(made.c_str(), 0777); }) == 0) {
      sync_folder(made.parent_path().string());
      continue;
    }
    if (errno == EEXIST && is_folder(made.string())) continue;  // another process was faster
    if (errno == EEXIST) errno = ENOTDIR;
    fail("cannot make the folder {}: {}", path, system_reason());
  }
}

std::vector<std::string> names_in_folder(const std::string& path) {
  std::vector<std::string> names;
  std::error_code error;
  fs::directory_iterator entry;
  do {
    entry = fs::directory_iterator(path, error);
  } while (error == std::errc::interrupted);
  if (error == std::errc::no_such_file_or_directory) return names;
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  if (error) fail("cannot read the folder {}: {}", path, error.message());
  std::ranges::sort(names);
  return names;
}

std::string free_path(const std::string& path) {
  std::string free = path;
  for (int i = 2; file_exists(free); ++i) free = fmt::format("{}-{}", path, i);
  return free;
}

std::string behind_links(const std::string& path) { return along_links(path).back(); }

std::vector<std::string> along_links(const std::string& path) {
  constexpr size_t kMostLinks = 40;  // as many as the system follows
  std::vector<std::string> places = {path};
  fs::path file = path;
  std::error_code error;
  while (fs::is_symlink(fs::symlink_status(file, error))) {
    if (places.size() > kMostLinks) {
      fail("cannot write {}: its symbolic links lead in a circle", path);
    }
    fs::path next = fs::read_symlink(file, error);
    if (error) fail("cannot write {}: {}", path, error.message());
    file = next.is_absolute() ? next : file.parent_path() / next;
    places.push_back(file.string());
  }
  return places;
}

std::string real_folder_of(const std::string& path) {
  std::error_code ignored;
  fs::path folder = fs::absolute(path, ignored).parent_path();
  return fs::weakly_canonical(folder, ignored).string();
}

void check_current_folder() {
  std::error_code error;
  if (!fs::current_path(error).empty() && !error) return;
  fail("the current folder: {}; it was removed or cannot be reached: change to another one (cd)",
       error.message());
}

void resize_file(const std::string& path, int64_t bytes) {
  std::error_code error;
  if (!fs::exists(path, error)) return;
  fs::resize_file(path, static_cast<uintmax_t>(bytes), error);
  if (error) fail("cannot write {}: {}", path, error.message());
}

std::string resolve_path(const std::string& folder, const std::string& path) {
  if (path.empty() || path == "-" || folder.empty() || fs::path(path).is_absolute()) return path;
  fs::path resolved = (fs::path(folder) / path).lexically_normal();
  return (resolved.has_filename() ? resolved : resolved.parent_path()).string();
}

}  // namespace heed
