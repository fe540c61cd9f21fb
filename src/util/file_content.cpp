#include "util/file_content.h"

#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cerrno>
#include <utility>

#include "util/descriptors.h"
#include "util/error.h"

namespace heed {
using namespace descriptors;

namespace {
// No configuration, vocabulary or list comes from a pipe in so many bytes; /dev/zero has more.
constexpr size_t kMostOfADevice = size_t{1} << 28;
}  // namespace

std::string read_file(const std::string& path) {
  int descriptor = open_for_reading(path);
  std::string content;
  std::string buffer(kBufferBytes, '\0');
  try {
    while (size_t got = read_some(descriptor, buffer.data(), buffer.size(), path)) {
      content.append(buffer, 0, got);
      if (content.size() > kMostOfADevice && (path == "-" || is_special(path))) {
        fail("cannot read {}: it has no end: more than {} bytes came out of it", path,
             kMostOfADevice);
      }
    }
  } catch (...) {
    close_reading(descriptor);
    throw;
  }
  close_reading(descriptor);
  return content;
}

namespace {

// A pipe without a writer is waited for while it is opened.
const std::string& regular(const std::string& path) {
  if (is_pipe_or_device(path)) {
    fail("cannot read {}: it is a pipe or a device, and a plain file is needed", path);
  }
  return path;
}

}  // namespace

RandomFile::RandomFile(const std::string& path)
    : RandomFile(open_for_reading(regular(path)), path) {}

RandomFile::RandomFile(int descriptor, std::string name)
    : path_(std::move(name)), descriptor_(descriptor) {
  size_ = static_cast<uint64_t>(status().st_size);
}

struct stat RandomFile::status() const {
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0) fail("cannot read {}: {}", path_, system_reason());
  return status;
}

int64_t RandomFile::written() const {
  timespec time = status().st_mtim;
  return int64_t{time.tv_sec} * 1000000000 + time.tv_nsec;
}

RandomFile::RandomFile(RandomFile&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      size_(other.size_) {}

RandomFile::~RandomFile() { close_reading(descriptor_); }

void RandomFile::read(uint64_t offset, std::span<char> into) const {
  while (!into.empty()) {
    ssize_t got = ::pread(descriptor_, into.data(), into.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw ReadError(fmt::format("cannot read {}: {}", path_, system_reason()));
    if (got == 0) fail("cannot read {}: it ends at byte {}", path_, offset);
    into = into.subspan(static_cast<size_t>(got));
    offset += static_cast<uint64_t>(got);
  }
}

std::string checksum(std::string_view content) {
  return fmt::format("{:016x}", XXH64(content.data(), content.size(), 0));
}

}  // namespace heed
