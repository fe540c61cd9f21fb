#include "training/checkpoint_folders.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "util/atomic_file.h"
#include "util/error.h"
#include "util/log.h"
#include "util/paths.h"
#include "util/text.h"

namespace heed {
namespace fs = std::filesystem;
namespace {

// Lets two folders change places in one go, so that `path` is whole at any moment; false where the
// file system cannot.
bool swap_places(const std::string& beside, const std::string& path) {
#ifdef RENAME_EXCHANGE
  return ::renameat2(AT_FDCWD, beside.c_str(), AT_FDCWD, path.c_str(), RENAME_EXCHANGE) == 0;
#else
  return false;
#endif
}

// A checkpoint's own files, and the folder if nothing else is in it. What cannot be removed is
// tried again at the next start.
void remove_files(const std::string& path) {
  ModelFolder checkpoint{path};
  try {
    for (const std::string& file : {checkpoint.weights(), checkpoint.training_state()}) {
      std::string finished = fs::path(file).filename().string();
      for (const std::string& name : names_in_folder(path)) {
        if (name == finished || is_unfinished(name, finished)) remove_file(path + "/" + name);
      }
    }
    if (::rmdir(path.c_str()) == 0 || errno == ENOENT || errno == ENOTEMPTY) return;
    fail("cannot remove {}: {}", path, system_reason());
  } catch (const Error& error) {
    log_warning("{}; it is left for the next start", error.what());
  }
}

std::string folder_name(const std::string& path) { return fs::path(path).filename().string(); }

}  // namespace

std::string CheckpointFolders::written(int64_t step) const {
  return folder_.checkpoint(step) + ".tmp";
}

std::string CheckpointFolders::removed(int64_t step) const {
  return fmt::format("{}/.{}.old", folder_.checkpoints(), folder_name(folder_.checkpoint(step)));
}

ModelFolder CheckpointFolders::prepare(int64_t step) const {
  discard(step);
  make_folders(written(step));
  return {written(step)};
}

void CheckpointFolders::discard(int64_t step) const {
  if (is_folder(written(step))) remove_files(written(step));
}

// Without an exchange there is a moment with no checkpoint of this step, but both beside it.
void CheckpointFolders::publish(int64_t step) const {
  std::string path = folder_.checkpoint(step), before = removed(step);
  if (is_folder(path)) {
    if (swap_places(written(step), path)) {
      sync_folder(folder_.checkpoints());
      remove_files(written(step));
      return;
    }
    remove_files(before);
    rename_durably(path, before);
  }
  rename_durably(written(step), path);
  remove_files(before);
}

void CheckpointFolders::remove(int64_t step) const {
  remove_files(removed(step));
  rename_durably(folder_.checkpoint(step), removed(step));
  remove_files(removed(step));
}

std::string CheckpointFolders::set_aside(int64_t step) const {
  std::string path = folder_.checkpoint(step);
  std::string beside =
      free_path(fmt::format("{}/damaged-{}", folder_.checkpoints(), folder_name(path)));
  rename_durably(path, beside);
  return beside;
}

std::set<int64_t> CheckpointFolders::unfinished_steps() const {
  std::set<int64_t> steps;
  for (const std::string& name : names_in_folder(folder_.checkpoints())) {
    size_t digit = name.find_first_of("0123456789"), end = name.rfind('.');
    if (digit == std::string::npos || end == std::string::npos || end < digit) continue;
    auto step = parse_int(name.substr(digit, end - digit));
    if (!step) continue;
    if (name == folder_name(written(*step)) || name == folder_name(removed(*step)))
      steps.insert(*step);
  }
  return steps;
}

void CheckpointFolders::recover(const std::function<bool(const ModelFolder&)>& is_whole) const {
  for (int64_t step : unfinished_steps()) {
    std::string path = folder_.checkpoint(step);
    for (const std::string& left : {written(step), removed(step)}) {  // the newer one first
      if (!is_folder(left)) continue;
      if ((is_folder(path) && is_whole({path})) || !is_whole({left})) {
        remove_files(left);
        continue;
      }
      if (file_exists(path)) set_aside(step);
      rename_durably(left, path);
      log_info("{}: a whole checkpoint, taken from {}", path, folder_name(left));
    }
  }
}

}  // namespace heed
