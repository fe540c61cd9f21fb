#include "util/line_reader.h"

#include <poll.h>
#include <zlib.h>

#include <algorithm>
#include <chrono>
#include <climits>
#include <cstring>

#include "util/descriptors.h"
#include "util/error.h"
#include "util/log.h"
#include "util/text.h"

namespace heed {
using namespace descriptors;

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

}  // namespace heed
