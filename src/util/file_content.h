// The content of files: read as a whole or at any place, and its checksum. Every failure names the
// path and the system's reason.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace heed {

// The whole of a file or of standard input ("-"). Throws Error for a missing file, a folder in its
// place, or no permission.
std::string read_file(const std::string& path);

// A file read at any place. Throws Error naming the path as read_file does, and for one that has
// become shorter meanwhile.
class RandomFile {
 public:
  explicit RandomFile(const std::string& path);
  // Of an open file, which is closed with this; `name` is for messages.
  RandomFile(int descriptor, std::string name);
  ~RandomFile();
  RandomFile(RandomFile&& other) noexcept;
  uint64_t size() const { return size_; }
  // When it was last written to, in nanoseconds.
  int64_t written() const;
  void read(uint64_t offset, std::span<char> into) const;

 private:
  struct stat status() const;
  std::string path_;
  int descriptor_;
  uint64_t size_ = 0;
};

// xxHash64 of the content as 16 hexadecimal digits.
std::string checksum(std::string_view content);

}  // namespace heed
