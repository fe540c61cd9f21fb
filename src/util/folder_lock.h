// One process at a time in a folder.
#pragma once

#include <cstdint>
#include <string>

namespace heed {

// An exclusive lock on `folder`/.lock for as long as the object lives. Throws Error naming the
// process that holds it.
class FolderLock {
 public:
  explicit FolderLock(const std::string& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

  // Where the folder is by now: its path as given, another where it was moved, none where it was
  // removed.
  std::string place() const;

 private:
  struct Identity {
    uint64_t device = 0, inode = 0;
    bool operator==(const Identity&) const = default;
  };
  static Identity identity_of(const std::string& folder);

  std::string folder_;
  Identity identity_;
  int descriptor_ = -1;
};

}  // namespace heed
