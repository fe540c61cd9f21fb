// Files read line by line.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace heed {

// Lines of a file or of standard input ("-"), plain or gzip by its content. Only '\n' ends a line;
// a '\r' before it and a BOM at the start are dropped; invalid UTF-8 and NULs become U+FFFD,
// counted.
class LineReader {
 public:
  explicit LineReader(const std::string& path);
  ~LineReader();
  LineReader(LineReader&&) noexcept;

  // The next line without its end; false after the last. A last line without '\n' counts. Bytes
  // beyond `max_line_bytes` of a line are dropped and `cut()` says so: memory stays bounded.
  bool next(std::string& line);
  // Whether a whole line (or the end) can be had without waiting for the other side of a pipe, or
  // waiting at most so many milliseconds. Of gzip data: whether more bytes can.
  bool ready(int64_t milliseconds = 0);
  // One warning with the count and the first line, where any was repaired.
  void warn_of_repairs() const;

  int64_t lines_read() const { return lines_; }
  bool cut() const { return cut_; }
  int64_t repaired_lines() const { return repaired_; }
  int64_t first_repaired_line() const { return first_repaired_; }  // from 1; 0 if none
  const std::string& path() const { return path_; }
  void set_max_line_bytes(size_t bytes) { max_line_bytes_ = bytes; }

 private:
  struct Source;
  bool next_raw(std::string& line);
  std::string path_;
  std::unique_ptr<Source> source_;
  size_t max_line_bytes_ = SIZE_MAX;
  int64_t lines_ = 0, repaired_ = 0, first_repaired_ = 0;
  bool cut_ = false;
};

// All lines of a file (LineReader's rules); warns once of repaired lines.
std::vector<std::string> read_lines(const std::string& path);

}  // namespace heed
