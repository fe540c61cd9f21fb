// Output to a file or a stream, every write of it checked.
#pragma once

#include <string>
#include <string_view>

namespace heed {

// Checked output to a file or standard output ("-"). A reader that closed the pipe throws
// BrokenPipe; any other failure throws Error with path and cause.
class BrokenPipe {};
enum class OutputMode { kReplace, kAppend };
class OutputFile {
 public:
  explicit OutputFile(const std::string& path, OutputMode mode = OutputMode::kReplace);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  void write(std::string_view text);
  void flush();
  bool is_terminal() const;
  // Flushes and closes; the destructor alone cannot report an error.
  void close();

 private:
  std::string path_;
  int descriptor_;
  std::string buffer_;
};

}  // namespace heed
