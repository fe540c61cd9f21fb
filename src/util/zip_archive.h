// The members of a zip file, read in place: nothing is ever unpacked to a folder. A NumPy .npz file
// is one.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace heed {

// Stored and deflated members, zip64 included (PKWARE's APPNOTE 6.3.10, sections 4.3 and 4.5).
class ZipArchive {
 public:
  // A file. Throws Error naming it where it is no whole zip file, or has a member whose path leads
  // outside of the archive.
  explicit ZipArchive(const std::string& path);
  // The same of a file's content; `name` is for messages.
  ZipArchive(std::string name, std::string content);

  struct Member {
    uint64_t offset;        // of its local header
    uint64_t packed, size;  // bytes in the file, and of what they stand for
    uint32_t crc32, method, flags;
  };
  const std::string& name() const { return name_; }
  const std::map<std::string, Member>& members() const { return members_; }  // folders left out
  bool has(const std::string& member) const { return members_.contains(member); }
  // The content of a member that is there. Throws Error naming archive and member where it is
  // encrypted, damaged, packed in another way, or so much larger than what it was packed to that no
  // file of use would be (a zip bomb).
  std::string read(const std::string& member) const;

 private:
  using ReadAt = std::function<void(uint64_t offset, std::span<char> into)>;
  void read_directory();
  // Where the directory stands, and the number of its entries.
  struct Directory {
    uint64_t offset, size, entries;
  };
  Directory find_directory() const;
  std::string bytes(uint64_t offset, uint64_t size) const;
  [[noreturn]] void refuse(const std::string& why) const;

  std::string name_;
  uint64_t size_;
  ReadAt read_at_;
  std::map<std::string, Member> members_;
};

}  // namespace heed
