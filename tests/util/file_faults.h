// What makes files fail: no permission, no room.
#pragma once

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

namespace heed {

// While it lives, file permissions hold for the superuser too.
class WithoutPrivileges {
 public:
  WithoutPrivileges() {
    if (geteuid() == 0) dropped_ = seteuid(65534) == 0;
  }
  ~WithoutPrivileges() {
    if (dropped_ && seteuid(0) != 0) std::abort();
  }
  bool holds() const { return geteuid() != 0; }

 private:
  bool dropped_ = false;
};

// While it lives, a file cannot grow beyond `bytes`: as on a full disk, a part is written first.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    signal(SIGXFSZ, handler_);
  }

 private:
  sighandler_t handler_;
  rlimit before_{};
};

inline std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    names.push_back(entry.path().filename());
  return names;
}

}  // namespace heed
