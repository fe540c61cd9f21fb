// Files read by lines, written whole or not at all, and locked. Every failure names the path and
// the system's reason; none goes unchecked.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace heed {

bool file_exists(const std::string& path);
bool is_folder(const std::string& path);
// Whether both are the same regular file, or would be once they are made. "-" is no file.
bool same_file(const std::string& one, const std::string& other);
void make_folders(const std::string& path);
// Relative to `folder` unless absolute or empty; then without a slash at its end.
std::string resolve_path(const std::string& folder, const std::string& path);

// The whole of a file or of standard input ("-"). Throws Error for a missing file, a folder in its
// place, or no permission.
std::string read_file(const std::string& path);

// A file read at any place. Throws Error naming the path as read_file does, and for one that has
// become shorter meanwhile.
class RandomFile {
 public:
  explicit RandomFile(const std::string& path);
  ~RandomFile();
  RandomFile(RandomFile&& other) noexcept;
  uint64_t size() const { return size_; }
  void read(uint64_t offset, std::span<char> into) const;

 private:
  std::string path_;
  int descriptor_;
  uint64_t size_ = 0;
};

// Writes beside `path`, syncs, renames and syncs the folder: after a crash `path` holds the old
// content or the new, never a part. Throws Error naming the path and the cause (a full disk, say).
// A device or a pipe in its place is written to directly.
void write_file_atomically(const std::string& path, std::string_view content);
// Renames and syncs the parent folder of `to`, so that the rename survives a crash.
void rename_durably(const std::string& from, const std::string& to);
// Writes and syncs `path` itself, not its folder.
void write_file_synced(const std::string& path, const std::vector<std::string_view>& parts);

// xxHash64 of the content as 16 hexadecimal digits.
std::string checksum(std::string_view content);

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

// Checked output to a file or standard output ("-"). A reader that closed the pipe throws
// BrokenPipe; any other failure throws Error with path and cause.
class BrokenPipe {};
class OutputFile {
 public:
  explicit OutputFile(const std::string& path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  void write(std::string_view text);
  void flush();
  // Flushes and closes; the destructor alone cannot report an error.
  void close();

 private:
  std::string path_;
  int descriptor_;
  std::string buffer_;
};

// An exclusive lock on `folder`/.lock for as long as the object lives. Throws Error naming the
// process that holds it.
class FolderLock {
 public:
  explicit FolderLock(const std::string& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int descriptor_ = -1;
};

}  // namespace heed
