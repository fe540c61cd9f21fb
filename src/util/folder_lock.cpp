#include "util/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "util/descriptors.h"
#include "util/error.h"
#include "util/text.h"

namespace heed {
using namespace descriptors;

FolderLock::FolderLock(const std::string& folder) {
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

FolderLock::~FolderLock() {
  if (descriptor_ >= 0) ::close(descriptor_);  // closing gives the lock back
}

}  // namespace heed
