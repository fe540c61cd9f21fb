// One process at a time in a folder.
#pragma once

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

 private:
  int descriptor_ = -1;
};

}  // namespace heed
