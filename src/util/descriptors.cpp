#include "util/descriptors.h"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>

#include "util/error.h"
#include "util/output_file.h"
#include "util/paths.h"

namespace heed::descriptors {
namespace fs = std::filesystem;
namespace {

// Why a read or a write failed. "Bad file descriptor" means little to a reader.
std::string stream_reason() {
  return errno == EBADF ? "it is closed (<&- or >&-)" : system_reason();
}

}  // namespace

int open_for_reading(const std::string& path) {
  if (path == "-") return STDIN_FILENO;
  if (is_folder(path)) {
    fail("cannot read {}: {} (a file was expected)", path, std::generic_category().message(EISDIR));
  }
  int descriptor = uninterrupted([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC); });
  if (descriptor < 0) {
    std::string message = fmt::format("cannot read {}: {}", path, system_reason());
    if (errno == ENOENT || errno == ENOTDIR) throw Error(message);
    throw ReadError(message);
  }
  return descriptor;
}

size_t read_some(int descriptor, char* buffer, size_t size, const std::string& path) {
  ssize_t got = uninterrupted([&] { return ::read(descriptor, buffer, size); });
  if (got < 0) throw ReadError(fmt::format("cannot read {}: {}", path, stream_reason()));
  return static_cast<size_t>(got);
}

void write_all(int descriptor, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    ssize_t done = uninterrupted([&] { return ::write(descriptor, text.data(), text.size()); });
    if (done < 0 && errno == EPIPE) throw BrokenPipe();
    if (done < 0) fail("cannot write {}: {}", path, stream_reason());
    text.remove_prefix(static_cast<size_t>(done));
  }
}

void close_reading(int descriptor) {
  if (descriptor > STDERR_FILENO) ::close(descriptor);
}

void hold_standard_streams() {
  for (int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(stream, F_GETFD) >= 0 || errno != EBADF) continue;
    // The lowest free number is this one: the streams below it are open.
    if (::open("/", O_PATH) != stream) fail("cannot hold the place of a closed standard stream");
  }
}

bool is_special(const std::string& path) {
  std::error_code ignored;
  auto status = fs::status(path, ignored);
  return fs::exists(status) && !fs::is_regular_file(status);
}

bool is_pipe_or_device(const std::string& path) { return is_special(path) && !is_folder(path); }

}  // namespace heed::descriptors
