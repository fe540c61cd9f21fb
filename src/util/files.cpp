#include "util/files.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstring>
#include <filesystem>
#include <utility>

#include "util/error.h"
#include "util/log.h"
#include "util/text.h"

namespace heed {
namespace fs = std::filesystem;
namespace {

constexpr size_t kBufferBytes = 1 << 16;

int open_for_reading(const std::string& path) {
  if (path == "-") return STDIN_FILENO;
  if (is_folder(path)) {
    fail("cannot read {}: {} (a file was expected)", path, std::generic_category().message(EISDIR));
  }
  int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) fail("cannot read {}: {}", path, system_reason());
  return descriptor;
}

size_t read_some(int descriptor, char* buffer, size_t size, const std::string& path) {
  ssize_t got;
  do {
    got = ::read(descriptor, buffer, size);
  } while (got < 0 && errno == EINTR);
  if (got < 0) fail("cannot read {}: {}", path, system_reason());
  return static_cast<size_t>(got);
}

void write_all(int descriptor, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    ssize_t done = ::write(descriptor, text.data(), text.size());
    if (done < 0 && errno == EINTR) continue;
    if (done < 0 && errno == EPIPE) throw BrokenPipe();
    if (done < 0) fail("cannot write {}: {}", path, system_reason());
    text.remove_prefix(static_cast<size_t>(done));
  }
}

// Standard streams stay open: the next file opened would take their place.
void close_reading(int descriptor) {
  if (descriptor > STDERR_FILENO) ::close(descriptor);
}

// A file that is there and is no regular one: a device or a pipe, say.
bool is_special(const std::string& path) {
  std::error_code ignored;
  auto status = fs::status(path, ignored);
  return fs::exists(status) && !fs::is_regular_file(status);
}

void sync_folder_of(const std::string& path) {
  std::string folder = fs::path(path).parent_path().string();
  if (folder.empty()) folder = ".";
  int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;  // a folder that may not be opened cannot be synced either
  ::fsync(descriptor);
  ::close(descriptor);
}

}  // namespace

bool file_exists(const std::string& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

bool is_folder(const std::string& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

bool same_file(const std::string& one, const std::string& other) {
  if (one == "-" || other == "-" || is_special(one) || is_special(other)) return false;
  std::error_code ignored;
  if (fs::exists(one, ignored) && fs::exists(other, ignored)) {
    return fs::equivalent(one, other, ignored);
  }
  return fs::weakly_canonical(one, ignored) == fs::weakly_canonical(other, ignored);
}

void make_folders(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) fail("cannot make the folder {}: {}", path, error.message());
}

std::string resolve_path(const std::string& folder, const std::string& path) {
  if (path.empty() || folder.empty() || fs::path(path).is_absolute()) return path;
  fs::path resolved = (fs::path(folder) / path).lexically_normal();
  return (resolved.has_filename() ? resolved : resolved.parent_path()).string();
}

std::string read_file(const std::string& path) {
  int descriptor = open_for_reading(path);
  std::string content;
  std::string buffer(kBufferBytes, '\0');
  try {
    while (size_t got = read_some(descriptor, buffer.data(), buffer.size(), path)) {
      content.append(buffer, 0, got);
    }
  } catch (...) {
    close_reading(descriptor);
    throw;
  }
  close_reading(descriptor);
  return content;
}

RandomFile::RandomFile(const std::string& path) : path_(path), descriptor_(open_for_reading(path)) {
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0) fail("cannot read {}: {}", path, system_reason());
  size_ = static_cast<uint64_t>(status.st_size);
}

RandomFile::RandomFile(RandomFile&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      size_(other.size_) {}

RandomFile::~RandomFile() { close_reading(descriptor_); }

void RandomFile::read(uint64_t offset, std::span<char> into) const {
  while (!into.empty()) {
    ssize_t got = ::pread(descriptor_, into.data(), into.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail("cannot read {}: {}", path_, system_reason());
    if (got == 0) fail("cannot read {}: it ends at byte {}", path_, offset);
    into = into.subspan(static_cast<size_t>(got));
    offset += static_cast<uint64_t>(got);
  }
}

void write_file_synced(const std::string& path, const std::vector<std::string_view>& parts) {
  int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (descriptor < 0) fail("cannot write {}: {}", path, system_reason());
  bool special = is_special(path);
  try {
    for (std::string_view part : parts) write_all(descriptor, part, path);
    if (!special && ::fsync(descriptor) != 0) fail("cannot write {}: {}", path, system_reason());
  } catch (...) {
    ::close(descriptor);
    if (!special) ::unlink(path.c_str());
    throw;
  }
  if (::close(descriptor) != 0) fail("cannot write {}: {}", path, system_reason());
}

void rename_durably(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) {
    fail("cannot rename {} to {}: {}", from, to, system_reason());
  }
  sync_folder_of(to);
}

void write_file_atomically(const std::string& path, std::string_view content) {
  if (is_special(path)) {  // /dev/stdout is written to, not replaced by a file
    write_file_synced(path, {content});
    return;
  }
  std::string beside = fmt::format("{}.tmp.{}", path, ::getpid());
  write_file_synced(beside, {content});
  try {
    rename_durably(beside, path);
  } catch (...) {
    ::unlink(beside.c_str());
    throw;
  }
}

std::string checksum(std::string_view content) {
  return fmt::format("{:016x}", XXH64(content.data(), content.size(), 0));
}

// Bytes of a descriptor, inflated where they start as gzip does.
struct LineReader::Source {
  Source(int fd, std::string name) : descriptor(fd), path(std::move(name)) {}
  ~Source() {
    if (gzip) inflateEnd(&stream);
    close_reading(descriptor);
  }

  // Decides between plain and gzip by the first two bytes.
  void open() {
    started = true;
    raw.resize(kBufferBytes);
    // A first byte that is not gzip's decides at once: a terminal may hold no second one yet.
    while (raw_end < 2 && (raw_end == 0 || raw[0] == '\x1f')) {
      size_t got = read_some(descriptor, raw.data() + raw_end, raw.size() - raw_end, path);
      if (got == 0) break;
      raw_end += got;
    }
    bool magic = raw_end >= 2 && raw.starts_with("\x1f\x8b");
    if (!magic) {
      data.assign(raw, 0, raw_end);
      return;
    }
    if (inflateInit2(&stream, 15 + 16) != Z_OK) fail("{}: zlib could not start", path);
    gzip = true;
    stream.next_in = reinterpret_cast<Bytef*>(raw.data());
    stream.avail_in = static_cast<uInt>(raw_end);
  }

  bool refill_raw() {
    size_t got = read_some(descriptor, raw.data(), raw.size(), path);
    stream.next_in = reinterpret_cast<Bytef*>(raw.data());
    stream.avail_in = static_cast<uInt>(got);
    return got > 0;
  }

  // Inflates into `data`; false at the end. A gzip file may hold several members.
  bool inflate_more() {
    data.resize(kBufferBytes);
    stream.next_out = reinterpret_cast<Bytef*>(data.data());
    stream.avail_out = static_cast<uInt>(data.size());
    while (stream.avail_out == data.size()) {
      if (stream.avail_in == 0 && !refill_raw()) {
        if (!member_ended) fail("{}: the gzip data ends too early (truncated file?)", path);
        break;
      }
      if (member_ended) {
        if (inflateReset(&stream) != Z_OK) fail("{}: zlib could not restart", path);
        member_ended = false;
      }
      int status = inflate(&stream, Z_NO_FLUSH);
      if (status == Z_STREAM_END) {
        member_ended = true;
      } else if (status != Z_OK && status != Z_BUF_ERROR) {
        fail("{}: corrupt gzip data ({})", path, stream.msg == nullptr ? "unknown" : stream.msg);
      }
    }
    data.resize(data.size() - stream.avail_out);
    return !data.empty();
  }

  // More bytes into `data`, from position 0; false at the end.
  bool refill() {
    at = 0;
    if (!started) {
      open();
      if (!gzip) return !data.empty();
    }
    if (gzip) return inflate_more();
    data.resize(kBufferBytes);
    data.resize(read_some(descriptor, data.data(), data.size(), path));
    return !data.empty();
  }

  bool holds_line() const { return data.find('\n', at) != std::string::npos; }

  // Reads what a pipe has behind what is there already; false at the end, for gzip (whose lines
  // only show when inflated), and once there is more than a buffer full.
  bool take_in() {
    if (!started || gzip || data.size() - at >= kBufferBytes) return false;
    data.erase(0, at);
    at = 0;
    size_t held = data.size();
    data.resize(held + kBufferBytes);
    data.resize(held + read_some(descriptor, data.data() + held, kBufferBytes, path));
    return data.size() > held;
  }

  int descriptor;
  std::string path;
  std::string raw, data;
  size_t raw_end = 0, at = 0;
  bool started = false, gzip = false, member_ended = false;
  z_stream stream{};
};

LineReader::LineReader(const std::string& path)
    : path_(path == "-" ? "standard input" : path),
      source_(std::make_unique<Source>(open_for_reading(path), path_)) {}
LineReader::~LineReader() = default;
LineReader::LineReader(LineReader&&) noexcept = default;

bool LineReader::next_raw(std::string& line) {
  line.clear();
  bool any = false;
  while (true) {
    if (source_->at >= source_->data.size() && !source_->refill()) return any;
    any = true;
    const char* begin = source_->data.data() + source_->at;
    size_t left = source_->data.size() - source_->at;
    const void* end = std::memchr(begin, '\n', left);
    size_t length = end == nullptr ? left : static_cast<const char*>(end) - begin;
    // A few bytes beyond the limit show whether more than a CR or a BOM is over it.
    size_t limit = max_line_bytes_ + std::min<size_t>(SIZE_MAX - max_line_bytes_, 4);
    size_t room = limit - line.size();
    if (length > room) cut_ = true;
    line.append(begin, std::min(length, room));
    source_->at += length + (end == nullptr ? 0 : 1);
    if (end != nullptr) return true;
  }
}

bool LineReader::next(std::string& line) {
  cut_ = false;
  if (!next_raw(line)) return false;
  ++lines_;
  if (!cut_ && line.ends_with('\r')) line.pop_back();
  if (lines_ == 1 && line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);
  if (line.size() > max_line_bytes_) {
    cut_ = true;
    line.resize(truncate_utf8(line, max_line_bytes_).size());
  }
  if (needs_repair(line)) {
    line = repair_utf8(line);
    if (repaired_++ == 0) first_repaired_ = lines_;
  }
  return true;
}

bool LineReader::ready(int64_t milliseconds) {
  using Clock = std::chrono::steady_clock;
  auto deadline = Clock::now() + std::chrono::milliseconds(milliseconds);
  while (!source_->holds_line()) {
    auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd request{source_->descriptor, POLLIN, 0};
    if (::poll(&request, 1, static_cast<int>(std::clamp<int64_t>(left, 0, INT_MAX))) == 0) {
      return false;
    }
    // Bytes of a line that is not whole yet: they are taken in, and the wait goes on.
    if (!source_->take_in()) return true;
  }
  return true;
}

void LineReader::warn_of_repairs() const {
  if (repaired_ == 0) return;
  log_warning("{}: replaced invalid UTF-8 or NUL bytes in {} lines, the first is line {}", path_,
              with_commas(repaired_), with_commas(first_repaired_));
}

std::vector<std::string> read_lines(const std::string& path) {
  LineReader reader(path);
  std::vector<std::string> lines;
  for (std::string line; reader.next(line);) lines.push_back(line);
  reader.warn_of_repairs();
  return lines;
}

OutputFile::OutputFile(const std::string& path) : path_(path), descriptor_(STDOUT_FILENO) {
  if (path == "-") {
    path_ = "standard output";
    return;
  }
  descriptor_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (descriptor_ < 0) fail("cannot write {}: {}", path, system_reason());
}

OutputFile::~OutputFile() {
  if (descriptor_ > STDERR_FILENO) ::close(descriptor_);
}

void OutputFile::write(std::string_view text) {
  buffer_ += text;
  if (buffer_.size() >= kBufferBytes) flush();
}

void OutputFile::flush() {
  std::string pending;
  pending.swap(buffer_);
  write_all(descriptor_, pending, path_);
}

void OutputFile::close() {
  flush();
  if (descriptor_ <= STDERR_FILENO) return;
  int descriptor = descriptor_;
  descriptor_ = -1;
  if (::close(descriptor) != 0) fail("cannot write {}: {}", path_, system_reason());
}

FolderLock::FolderLock(const std::string& folder) {
  std::string path = folder + "/.lock";
  descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor_ < 0) fail("cannot write {}: {}", path, system_reason());
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) {
      std::string reason = system_reason();
      ::close(descriptor_);
      fail("cannot lock {}: {}", path, reason);
    }
    char holder[32] = {};
    ssize_t got = ::read(descriptor_, holder, sizeof holder - 1);
    ::close(descriptor_);
    fail(
        "{}: another training (process {}) is at work in this folder; wait for it, or choose "
        "another output.folder",
        folder, got > 0 ? std::string(trim(holder)) : "unknown");
  }
  std::string process = std::to_string(::getpid()) + "\n";
  if (::ftruncate(descriptor_, 0) != 0 ||
      ::write(descriptor_, process.data(), process.size()) < 0) {
    std::string reason = system_reason();
    ::close(descriptor_);
    fail("cannot write {}: {}", path, reason);
  }
}

FolderLock::~FolderLock() {
  if (descriptor_ >= 0) ::close(descriptor_);  // closing gives the lock back
}

}  // namespace heed
