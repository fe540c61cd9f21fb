#include "util/output_file.h"

#include <fcntl.h>
#include <unistd.h>

#include "util/descriptors.h"
#include "util/error.h"

namespace heed {
using namespace descriptors;

OutputFile::OutputFile(const std::string& path, OutputMode mode)
    : path_(path), descriptor_(STDOUT_FILENO), replaces_(false) {
  if (path == "-") {
    path_ = "standard output";
    return;
  }
  int flags = O_WRONLY | O_CREAT | O_CLOEXEC;
  if (mode == OutputMode::kAppend) flags |= O_APPEND;
  descriptor_ = ::open(path.c_str(), flags, 0644);
  if (descriptor_ < 0) fail("cannot write {}: {}", path, system_reason());
  replaces_ = mode == OutputMode::kReplace && !is_pipe_or_device(path);
}

void OutputFile::drop_old() {
  if (!replaces_) return;
  replaces_ = false;
  if (uninterrupted([&] { return ::ftruncate(descriptor_, 0); }) != 0) {
    fail("cannot write {}: {}", path_, system_reason());
  }
}

OutputFile::~OutputFile() {
  if (descriptor_ > STDERR_FILENO) ::close(descriptor_);
}

void OutputFile::write(std::string_view text) {
  buffer_ += text;
  if (buffer_.size() >= kBufferBytes) flush();
}

void OutputFile::flush() {
  if (buffer_.empty()) return;
  drop_old();
  std::string pending;
  pending.swap(buffer_);
  write_all(descriptor_, pending, path_);
}

bool OutputFile::is_terminal() const { return ::isatty(descriptor_) == 1; }

void OutputFile::close() {
  flush();
  drop_old();
  if (descriptor_ <= STDERR_FILENO) return;
  int descriptor = descriptor_;
  descriptor_ = -1;
  // A close that a signal interrupts has closed.
  if (::close(descriptor) != 0 && errno != EINTR)
    fail("cannot write {}: {}", path_, system_reason());
}

}  // namespace heed
