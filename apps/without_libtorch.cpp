// What makes heed: another program does what needs LibTorch.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
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
#include "util/descriptors.h"
#include "util/error.h"
#include "util/text.h"

namespace heed {

namespace {

// Where memory is limited (ulimit -v) the system may be unable to load LibTorch, and would say so
// in its own words: it is tried in a process of its own.
void check_memory(const std::string& program) {
  rlimit limit{};
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return;
  pid_t child = fork();
  if (child < 0) return;
  if (child == 0) {
    int nowhere = open("/dev/null", O_RDWR);
    dup2(nowhere, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
    execl(program.c_str(), "heed", "--version", nullptr);
    _exit(0);  // what is wrong with the program is said where it is started
  }
  int status = 0;
  if (descriptors::uninterrupted([&] { return waitpid(child, &status, 0); }) < 0 || status == 0) {
    return;
  }
  fail("out of memory: LibTorch does not fit into the {} MiB that ulimit -v allows; raise it",
       with_commas(static_cast<int64_t>(limit.rlim_cur >> 20)));
}

}  // namespace

void need_libtorch(char** argv) {
  namespace fs = std::filesystem;
  std::error_code unknown;
  fs::path folder = fs::read_symlink("/proc/self/exe", unknown).parent_path();
  // Built, or installed.
  for (const fs::path& place : {folder, folder / HEED_LIBRARY_FOLDER}) {
    check_memory(place / "heed-torch");
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
