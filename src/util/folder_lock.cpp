#include "util/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "util/error.h"
#include "util/text.h"

namespace heed {

FolderLock::FolderLock(const std::string& folder) {
  std::string path = folder + "/.lock";
  descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor_ < 0) fail("cannot write {}: {}", path, system_reason());
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
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
  if (::ftruncate(descriptor_, 0) != 0 ||
      ::write(descriptor_, process.data(), process.size()) < 0) {
    std::string reason = system_reason();
    ::close(descriptor_);
    fail("cannot write {}: {}", path, reason);
  }
}

FolderLock::~FolderLock() {
  if (descriptor_ >= 0) ::close(descriptor_);  // closing gives the lock back
}

}  // namespace heed
