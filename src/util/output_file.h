// Output to a file or a stream, every write of it checked.
#pragma once

#include <string>
#include <string_view>

namespace heed {

// Checked output to a file or standard output ("-"). A reader that closed the pipe throws
// BrokenPipe; any other failure throws Error with path and cause. What a file held before goes with
// the first write, or with close(): a command that fails before it leaves it as it was.
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
  bool replaces_;  // what the file held is still there
  std::string buffer_;

  void drop_old();
};

}  // namespace heed
