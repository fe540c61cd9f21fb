// What makes heed: another program does what needs LibTorch.
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "exchange/export.h"
#include "exchange/import.h"
#include "inference/describe.h"
#include "inference/load.h"
#include "libtorch.h"
#include "training/launch.h"
#include "training/train.h"
#include "util/error.h"

namespace heed {

void need_libtorch(char** argv) {
  // So many products of oneDNN, each of its own shape, stay compiled; the default keeps too few for
  // a training's.
  setenv("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "1024", /*replace=*/0);
  namespace fs = std::filesystem;
  std::error_code unknown;
  fs::path folder = fs::read_symlink("/proc/self/exe", unknown).parent_path();
  // Built, or installed.
  for (const fs::path& place : {folder, folder / HEED_LIBRARY_FOLDER}) {
    execv((place / "heed-torch").c_str(), argv);
    if (errno != ENOENT && errno != ENOTDIR) break;
  }
  fail(
      "cannot start heed-torch, which belongs beside heed in {} (or, installed, in {}): {}; build "
      "or install heed again",
      folder.string(), (folder / HEED_LIBRARY_FOLDER).lexically_normal().string(),
      std::strerror(errno));
}

std::optional<std::string> libtorch_message(const std::exception&) { return {}; }

// The commands are linked to these; none is called, since need_libtorch() comes first.
int train(const Config&, StartMode, const std::string&) { std::abort(); }
void average_checkpoints(const std::vector<std::string>&, const std::string&) { std::abort(); }
void import_model(const std::string&, const std::string&) { std::abort(); }
void export_model(const std::string&, const std::string&, const std::string&) { std::abort(); }
LoadedModel load_models(const std::vector<std::string>&, const ComputeChoice&) { std::abort(); }
int64_t thread_count(const ComputeChoice&) { std::abort(); }
std::string describe_build() { std::abort(); }
std::string describe_model(const std::string&) { std::abort(); }
bool has_gloo() { std::abort(); }

}  // namespace heed
