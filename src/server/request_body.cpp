#include "server/request_body.h"

#include <algorithm>
#include <cctype>
#include <limits>
#include <optional>

#include "server/http.h"
#include "util/text.h"

namespace heed {
namespace {

constexpr size_t kPieceBytes = 16 << 10;
constexpr size_t kLineBytes = 8 << 10;      // of a chunk's first line, of a line of the trailer
constexpr size_t kTrailerBytes = 64 << 10;  // as a head may have
constexpr size_t kSizeDigits = 15;          // more overflow; nobody may send that much

// A line without its end, which is CR LF alone.
std::optional<std::string> read_line(const ByteSource& source) {
  std::string line;
  for (char c = 0; line.size() < kLineBytes && source(&c, 1) == 1;) {
    if (c != '\n') {
      line += c;
      continue;
    }
    if (!line.ends_with('\r')) return std::nullopt;
    line.pop_back();
    return line.find('\r') == std::string::npos ? std::optional(line) : std::nullopt;
  }
  return std::nullopt;
}

// "1a" or "1a;name=value".
std::optional<uint64_t> chunk_size(const std::string& line) {
  std::string_view digits = trim(std::string_view(line).substr(0, line.find(';')));
  if (digits.empty() || digits.size() > kSizeDigits || line[0] == ' ') return std::nullopt;
  uint64_t size = 0;
  for (char c : digits) {
    auto byte = static_cast<unsigned char>(c);
    if (std::isxdigit(byte) == 0) return std::nullopt;
    int digit = std::isdigit(byte) != 0 ? c - '0' : std::tolower(byte) - 'a' + 10;
    size = size * 16 + static_cast<uint64_t>(digit);
  }
  return size;
}

bool read_bytes(uint64_t count, const ByteSource& source, const ByteSink& sink) {
  std::string piece(std::min<uint64_t>(count, kPieceBytes), '\0');
  while (count > 0) {
    ptrdiff_t got = source(piece.data(), std::min<uint64_t>(count, piece.size()));
    if (got <= 0 || !sink(piece.data(), static_cast<size_t>(got))) return false;
    count -= static_cast<uint64_t>(got);
  }
  return true;
}

bool skip_trailer(const ByteSource& source) {
  for (size_t bytes = 0; bytes < kTrailerBytes;) {
    std::optional<std::string> line = read_line(source);
    if (!line) return false;
    if (line->empty()) return true;
    size_t colon = line->find(':');
    if (colon == std::string::npos || !is_header_name(line->substr(0, colon))) return false;
    bytes += line->size();
  }
  return false;
}

}  // namespace

BodyFraming framing_of(const BodyHeaders& headers) {
  BodyFraming framing{.chunked = !headers.codings.empty()};
  if (headers.lengths.size() + headers.codings.size() > 1 ||
      (framing.chunked && !same_name(headers.codings[0], "chunked"))) {
    framing.fault = "Content-Length or Transfer-Encoding: chunked, one of them, once";
  }
  if (headers.lengths.empty()) return framing;
  const std::string& length = headers.lengths[0];
  bool digits = !length.empty() &&
                std::ranges::all_of(length, [](unsigned char c) { return std::isdigit(c) != 0; });
  if (!digits && framing.fault.empty()) {
    framing.fault = "Content-Length is a number of bytes, in digits alone";
  }
  if (digits) framing.length = parse_int(length).value_or(std::numeric_limits<int64_t>::max());
  return framing;
}

bool read_chunks(const ByteSource& source, const ByteSink& sink) {
  while (true) {
    std::optional<std::string> line = read_line(source);
    std::optional<uint64_t> size = line ? chunk_size(*line) : std::nullopt;
    if (!size) return false;
    if (*size == 0) return skip_trailer(source);
    if (!read_bytes(*size, source, sink)) return false;
    std::optional<std::string> end = read_line(source);
    if (!end || !end->empty()) return false;
  }
}

}  // namespace heed
