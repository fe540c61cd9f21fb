// Files read line by line.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace heed {

// Lines whose bytes were no UTF-8 text and have been replaced.
struct Repairs {
  int64_t lines = 0, first = 0;  // the first from 1; 0 if none

  void add(int64_t line);
  // One warning with both numbers, where there are any.
  void warn(const std::string& path) const;
};

// What becomes of the bytes between two '\n': a '\r' at their end and a BOM before the first line
// are dropped, what is beyond `max_bytes` is cut off, invalid UTF-8 and NULs become U+FFFD.
struct LineRules {
  int64_t number;  // of the line, from 1
  size_t max_bytes;
};
// `cut` says whether bytes of `line` have been left out before; afterwards, whether any were.
void clean_line(std::string& line, bool& cut, const LineRules& rules, Repairs& repairs);

// Lines of a file or of standard input ("-"), plain or compressed by its content (gzip, zstd, xz).
// Other compressions, UTF-16 and UTF-32 are refused by name (see ByteReader). Only '\n' ends a
// line; LineRules say the rest.
class LineReader {
 public:
  explicit LineReader(const std::string& path);
  ~LineReader();
  LineReader(LineReader&&) noexcept;

  // The next line without its end; false after the last. A last line without '\n' counts. Bytes
  // beyond `max_line_bytes` of a line are dropped and `cut()` says so: memory stays bounded.
  bool next(std::string& line);
  // Whether a whole line (or the end) can be had without waiting for the other side of a pipe, or
  // waiting at most so many milliseconds. Of compressed data: whether more bytes can.
  bool ready(int64_t milliseconds = 0);
  // Passes over a line without a look at its bytes; false after the last.
  bool skip();
  // One warning with the count and the first line, where any was repaired.
  void warn_of_repairs() const;

  int64_t lines_read() const { return lines_; }  // skipped ones counted
  int64_t offset() const;                        // of the next line in the (decompressed) text
  // Of the file as it lies there: of the next line, about, where it is compressed.
  int64_t file_offset() const;
  int64_t file_bytes() const;  // 0 for what is no regular file
  bool is_terminal() const;    // somebody types
  bool cut() const { return cut_; }
  const Repairs& repairs() const { return repairs_; }
  const std::string& path() const { return path_; }
  void set_max_line_bytes(size_t bytes) { max_line_bytes_ = bytes; }

 private:
  struct Source;
  bool next_raw(std::string& line);
  std::unique_ptr<Source> source_;
  std::string path_;
  size_t max_line_bytes_ = SIZE_MAX;
  int64_t lines_ = 0;
  Repairs repairs_;
  bool cut_ = false;
};

// All lines of a file (LineReader's rules); warns once of repaired lines.
std::vector<std::string> read_lines(const std::string& path);

}  // namespace heed
