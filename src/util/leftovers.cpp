#include "util/leftovers.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace heed {
namespace {

constexpr int kSlots = 16;

struct Slot {
  std::atomic<bool> taken = false;
  std::atomic<pid_t> owner = 0;  // 0: the path is not whole
  std::array<char, PATH_MAX> path{};
};

// Made before the program runs: a handler may look at it at any moment.
constinit std::array<Slot, kSlots> slots{};

// As the kernel lays it out; readdir() may not be called in a signal's handler.
struct Entry {
  uint64_t inode;
  int64_t offset;
  uint16_t size;
  unsigned char type;
};
constexpr size_t kNameAt = offsetof(Entry, type) + 1;

void remove_files_in(int folder) {
  alignas(Entry) std::array<char, 4096> bytes;
  for (;;) {
    auto got = ::syscall(SYS_getdents64, folder, bytes.data(), bytes.size());
    if (got <= 0) return;
    for (long at = 0; at < got;) {
      const char* name = bytes.data() + at + kNameAt;
      uint16_t size = 0;
      std::memcpy(&size, bytes.data() + at + offsetof(Entry, size), sizeof size);
      ::unlinkat(folder, name, 0);  // "." and ".." are no files
      at += size;
    }
  }
}

void remove_one(const char* path) {
  if (::unlink(path) == 0) return;
  int folder = ::open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  if (folder < 0) return;
  // Another thread may be writing one more file.
  for (int tries = 0; tries < 3; ++tries) {
    ::lseek(folder, 0, SEEK_SET);
    remove_files_in(folder);
    if (::rmdir(path) == 0 || errno == ENOENT) break;
  }
  ::close(folder);
}

}  // namespace

Leftover::Leftover(const std::string& path) : slot_(-1) {
  if (path.size() >= PATH_MAX) return;
  for (int i = 0; i < kSlots && slot_ < 0; ++i) {
    if (!slots[i].taken.exchange(true)) slot_ = i;
  }
  if (slot_ < 0) return;
  Slot& slot = slots[slot_];
  std::memcpy(slot.path.data(), path.c_str(), path.size() + 1);
  slot.owner = ::getpid();
}

Leftover::~Leftover() {
  if (slot_ < 0) return;
  slots[slot_].owner = 0;
  slots[slot_].taken = false;
}

void remove_leftovers() {
  for (Slot& slot : slots) {
    if (slot.owner == ::getpid()) remove_one(slot.path.data());
  }
}

}  // namespace heed
