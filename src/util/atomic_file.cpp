#include "util/atomic_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "util/descriptors.h"
#include "util/error.h"

namespace heed {
namespace fs = std::filesystem;
using namespace descriptors;
namespace {

void sync_folder_of(const std::string& path) {
  fs::path parent = fs::path(path).parent_path();
  std::string folder = parent.empty() ? std::string(".") : parent.string();
  int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;  // a folder that may not be opened cannot be synced either
  ::fsync(descriptor);
  ::close(descriptor);
}

}  // namespace

void write_file_synced(const std::string& path, const std::vector<std::string_view>& parts) {
  int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (descriptor < 0) fail("cannot write {}: {}", path, system_reason());
  bool special = is_special(path);
  try {
    for (std::string_view part : parts) write_all(descriptor, part, path);
    if (!special && ::fsync(descriptor) != 0) fail("cannot write {}: {}", path, system_reason());
  } catch (...) {
    ::close(descriptor);
    if (!special) ::unlink(path.c_str());
    throw;
  }
  if (::close(descriptor) != 0) fail("cannot write {}: {}", path, system_reason());
}

void rename_durably(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) {
    fail("cannot rename {} to {}: {}", from, to, system_reason());
  }
  sync_folder_of(to);
}

void write_file_atomically(const std::string& path, std::string_view content) {
  if (is_special(path)) {  // /dev/stdout is written to, not replaced by a file
    write_file_synced(path, {content});
    return;
  }
  std::string beside = fmt::format("{}.tmp.{}", path, ::getpid());
  write_file_synced(beside, {content});
  try {
    rename_durably(beside, path);
  } catch (...) {
    ::unlink(beside.c_str());
    throw;
  }
}

}  // namespace heed
