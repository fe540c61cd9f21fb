#include "util/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "util/descriptors.h"
#include "util/error.h"
#include "util/text.h"

namespace heed {
namespace fs = std::filesystem;
using namespace descriptors;

FolderLock::FolderLock(const std::string& folder)
    : folder_(folder), identity_(identity_of(folder)) {
  std::string path = folder + "/.lock";
  constexpr int kFlags = O_RDWR | O_CREAT | O_CLOEXEC;
  descriptor_ = uninterrupted([&] { return ::open(path.c_str(), kFlags, 0644); });
  if (descriptor_ < 0) fail("cannot write {}: {}", path, system_reason());
  if (uninterrupted([&] { return ::flock(descriptor_, LOCK_EX | LOCK_NB); }) != 0) {
    if (errno != EWOULDBLOCK) {
      std::string reason = system_reason();
      ::close(descriptor_);
      fail("cannot lock {}: {}", path, reason);
    }
    char holder[32] = {};
    ssize_t got = ::read(descriptor_, holder, sizeof holder - 1);
    ::close(descriptor_);
    fail(
        "{}: another training (process {}) is at work in this folder; wait for it, or choose "
        "another output.folder",
        folder, got > 0 ? std::string(trim(holder)) : "unknown");
  }
  std::string process = std::to_string(::getpid()) + "\n";
  try {
    if (uninterrupted([&] { return ::ftruncate(descriptor_, 0); }) != 0) {
      fail("cannot write {}: {}", path, system_reason());
    }
    write_all(descriptor_, process, path);
  } catch (...) {
    ::close(descriptor_);
    throw;
  }
}

FolderLock::Identity FolderLock::identity_of(const std::string& folder) {
  struct stat status = {};
  if (::stat(folder.c_str(), &status) != 0) return {};
  return {status.st_dev, status.st_ino};
}

// The system knows the path of a file that is open.
std::string FolderLock::place() const {
  if (identity_of(folder_) == identity_) return folder_;
  std::error_code ignored;
  std::string link = fmt::format("/proc/self/fd/{}", descriptor_);
  std::string now = fs::read_symlink(link, ignored).parent_path().string();
  return identity_of(now) == identity_ ? now : std::string();
}

FolderLock::~FolderLock() {
  if (descriptor_ >= 0) ::close(descriptor_);  // closing gives the lock back
}

}  // namespace heed
