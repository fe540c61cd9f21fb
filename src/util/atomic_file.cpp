#include "util/atomic_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <optional>

#include "util/descriptors.h"
#include "util/error.h"
#include "util/leftovers.h"
#include "util/progress.h"

namespace heed {
namespace fs = std::filesystem;
using namespace descriptors;
namespace {

// Between a file's name and the number of the process that writes it.
constexpr std::string_view kUnfinished = ".heed-tmp.";

constexpr int64_t kLongBytes = 16 << 20;  // of a file that may take seconds

std::string unfinished(const std::string& path) {
  return fmt::format("{}{}{}", path, kUnfinished, ::getpid());
}

// What is written goes to the disk; closes the descriptor whatever comes.
void write_and_close(int descriptor, const std::vector<std::string_view>& parts,
                     const std::string& path, bool special) {
  int64_t bytes = 0;
  for (std::string_view part : parts) bytes += std::ssize(part);
  std::optional<Progress> progress;
  if (bytes >= kLongBytes) {
    progress.emplace(Work{.what = "writing " + short_name(path), .total = bytes});
  }
  try {
    for (std::string_view part : parts) {
      write_all(descriptor, part, path);
      if (progress) progress->add(std::ssize(part));
    }
    if (!special && uninterrupted([&] { return ::fsync(descriptor); }) != 0) {
      fail("cannot write {}: {}", path, system_reason());
    }
  } catch (...) {
    ::close(descriptor);
    throw;
  }
  // A close that a signal interrupts has closed.
  if (::close(descriptor) != 0 && errno != EINTR) {
    fail("cannot write {}: {}", path, system_reason());
  }
}

// Writes and syncs a file of the name `written`, not its folder. Errors name `path`, which is what
// the user knows.
void write_file_synced(const std::string& path, const std::string& written,
                       const std::vector<std::string_view>& parts) {
  constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;
  int descriptor = uninterrupted([&] { return ::open(written.c_str(), kFlags, 0644); });
  if (descriptor < 0) fail("cannot write {}: {}", path, system_reason());
  bool special = is_special(written);
  try {
    write_and_close(descriptor, parts, path, special);
  } catch (...) {
    if (!special) ::unlink(written.c_str());
    throw;
  }
}

}  // namespace

void sync_folder(const std::string& path) {
  const std::string folder = path.empty() ? std::string(".") : path;
  int descriptor =
      uninterrupted([&] { return ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
  if (descriptor < 0 && errno == EACCES) return;
  if (descriptor < 0) fail("cannot sync the folder {}: {}", folder, system_reason());
  bool synced = uninterrupted([&] { return ::fsync(descriptor); }) == 0 || errno == EINVAL ||
                errno == EOPNOTSUPP;
  std::string reason = synced ? std::string() : system_reason();
  ::close(descriptor);
  if (!synced) fail("cannot sync the folder {}: {}", folder, reason);
}

void rename_durably(const std::string& from, const std::string& to) {
  if (uninterrupted([&] { return ::rename(from.c_str(), to.c_str()); }) != 0) {
    fail("cannot rename {} to {}: {}", from, to, system_reason());
  }
  sync_folder(fs::path(to).parent_path().string());
}

void write_file_atomically(const std::string& path, std::string_view content) {
  write_file_atomically(path, std::vector{content});
}

void write_file_atomically(const std::string& path, const std::vector<std::string_view>& parts) {
  if (is_special(path)) {  // /dev/stdout is written to, not replaced by a file
    write_file_synced(path, path, parts);
    return;
  }
  std::string beside = unfinished(path);
  Leftover leftover(beside);
  write_file_synced(path, beside, parts);
  try {
    rename_durably(beside, path);
  } catch (...) {
    ::unlink(beside.c_str());
    throw;
  }
}

bool is_unfinished(std::string_view name, std::string_view finished) {
  if (!name.starts_with(finished)) return false;
  name.remove_prefix(finished.size());
  if (!name.starts_with(kUnfinished)) return false;
  name.remove_prefix(kUnfinished.size());
  return !name.empty() && name.find_first_not_of("0123456789") == std::string_view::npos;
}

void remove_file(const std::string& path) {
  if (uninterrupted([&] { return ::unlink(path.c_str()); }) == 0 || errno == ENOENT) return;
  fail("cannot remove {}: {}", path, system_reason());
}

void append_to_file(const std::string& path, std::string_view text) {
  constexpr int kFlags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC;
  int descriptor = uninterrupted([&] { return ::open(path.c_str(), kFlags, 0644); });
  if (descriptor < 0) fail("cannot write {}: {}", path, system_reason());
  off_t before = ::lseek(descriptor, 0, SEEK_END);
  try {
    write_all(descriptor, text, path);
  } catch (...) {
    // Half a line is no line. Where even that fails, the next reader drops it.
    [[maybe_unused]] int cut = before < 0 ? -1 : ::ftruncate(descriptor, before);
    ::close(descriptor);
    throw;
  }
  if (::close(descriptor) != 0 && errno != EINTR) {
    fail("cannot write {}: {}", path, system_reason());
  }
}

}  // namespace heed
