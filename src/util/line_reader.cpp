#include "util/line_reader.h"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <climits>
#include <cstring>

#include "util/byte_reader.h"
#include "util/descriptors.h"
#include "util/log.h"
#include "util/text.h"

namespace heed {
using namespace descriptors;

// A file's bytes with what has been read of them ahead.
struct LineReader::Source {
  explicit Source(const std::string& path) : bytes(path) {}

  // More bytes into `data`, from position 0; false at the end.
  bool refill() {
    before += static_cast<int64_t>(data.size());
    at = 0;
    data.resize(kBufferBytes);
    data.resize(bytes.read(data.data(), data.size()));
    return !data.empty();
  }

  bool holds_line() const { return data.find('\n', at) != std::string::npos; }

  // Reads what a pipe has behind what is there already; false at the end, for compressed data
  // (whose lines only show when decoded), and once there is more than a buffer full.
  bool take_in() {
    if (!bytes.started() || bytes.compressed() || data.size() - at >= kBufferBytes) return false;
    before += static_cast<int64_t>(at);
    data.erase(0, at);
    at = 0;
    size_t held = data.size();
    data.resize(held + kBufferBytes);
    data.resize(held + bytes.read(data.data() + held, kBufferBytes));
    return data.size() > held;
  }

  ByteReader bytes;
  std::string data;
  size_t at = 0;       // in data: the next line begins there
  int64_t before = 0;  // bytes of the text before data
};

LineReader::LineReader(const std::string& path)
    : source_(std::make_unique<Source>(path)), path_(source_->bytes.path()) {}
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
  clean_line(line, cut_, {lines_, max_line_bytes_}, repairs_);
  return true;
}

void clean_line(std::string& line, bool& cut, const LineRules& rules, Repairs& repairs) {
  if (!cut && line.ends_with('\r')) line.pop_back();
  if (rules.number == 1 && line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);
  if (line.size() > rules.max_bytes) {
    cut = true;
    line.resize(truncate_utf8(line, rules.max_bytes).size());
  }
  if (!needs_repair(line)) return;
  line = repair_utf8(line);
  repairs.add(rules.number);
}

int64_t LineReader::offset() const { return source_->before + static_cast<int64_t>(source_->at); }

int64_t LineReader::file_offset() const {
  return source_->bytes.compressed() ? source_->bytes.bytes_taken() : offset();
}

int64_t LineReader::file_bytes() const {
  struct stat status {};
  bool regular = ::fstat(source_->bytes.descriptor(), &status) == 0 && S_ISREG(status.st_mode);
  return regular ? status.st_size : 0;
}

bool LineReader::is_terminal() const { return ::isatty(source_->bytes.descriptor()) == 1; }

bool LineReader::skip() {
  while (true) {
    if (source_->at >= source_->data.size() && !source_->refill()) return false;
    const char* begin = source_->data.data() + source_->at;
    size_t left = source_->data.size() - source_->at;
    const void* end = std::memchr(begin, '\n', left);
    if (end != nullptr) {
      source_->at += static_cast<const char*>(end) - begin + 1;
      break;
    }
    source_->at += left;
    if (!source_->refill()) break;  // a last line without an end
  }
  ++lines_;
  return true;
}

bool LineReader::ready(int64_t milliseconds) {
  using Clock = std::chrono::steady_clock;
  auto deadline = Clock::now() + std::chrono::milliseconds(milliseconds);
  while (!source_->holds_line()) {
    auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd request{source_->bytes.descriptor(), POLLIN, 0};
    if (::poll(&request, 1, static_cast<int>(std::clamp<int64_t>(left, 0, INT_MAX))) == 0) {
      return false;
    }
    // Bytes of a line that is not whole yet: they are taken in, and the wait goes on.
    if (!source_->take_in()) return true;
  }
  return true;
}

void LineReader::warn_of_repairs() const { repairs_.warn(path_); }

void Repairs::add(int64_t line) { first = lines++ == 0 ? line : std::min(first, line); }

void Repairs::warn(const std::string& path) const {
  if (lines == 0) return;
  log_warning("{}: replaced invalid UTF-8 or NUL bytes in {} lines, the first is line {}", path,
              with_commas(lines), with_commas(first));
}

std::vector<std::string> read_lines(const std::string& path) {
  LineReader reader(path);
  std::vector<std::string> lines;
  for (std::string line; reader.next(line);) lines.push_back(line);
  reader.warn_of_repairs();
  return lines;
}

}  // namespace heed
