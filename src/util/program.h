// Another program, run to its end.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace heed {

struct ProgramOptions {
  std::vector<std::string> arguments = {};  // put after the command, each one word
  std::string input = "/dev/null";          // the file that is its standard input
  double seconds = 600;                     // after so many it is ended
  int64_t most_output = 64 << 20;           // bytes; beyond it, it is ended
};

struct ProgramRun {
  enum class End { kExit, kSignal, kTime, kOutput } end = End::kExit;
  int code = 0;        // its exit code, or the signal that ended it
  std::string output;  // the last 4 KiB of its standard output
  std::string error;   // the first 4 KiB of its standard error

  // How it ended where that was not with exit code 0, and the first line that it said of it.
  std::string failure(const ProgramOptions& options) const;
  bool succeeded() const { return end == End::kExit && code == 0; }
};

// Runs `command` by /bin/sh. What it leaves in the background is ended with it; a signal to this
// process's terminal does not reach it. Throws Error where it cannot be started.
ProgramRun run_program(const std::string& command, const ProgramOptions& options);

}  // namespace heed
