#include "util/log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <mutex>

#include "util/clock.h"
#include "util/descriptors.h"
#include "util/error.h"
#include "util/output_file.h"
#include "util/text.h"

namespace heed {
using namespace descriptors;
namespace {

struct LogState {
  std::mutex mutex;
  LogLevel least = LogLevel::kInfo;  // on stderr
  bool status_shown = false;
  std::string path;     // of the log file
  int descriptor = -1;  // it, or -1
  bool failed = false;  // to write the last line to it
};

LogState& state() {
  static LogState instance;
  return instance;
}

const char* prefix(LogLevel level) {
  switch (level) {
    case LogLevel::kWarning:
      return "warning: ";
    case LogLevel::kError:
      return "error: ";
    case LogLevel::kInfo:
      break;
  }
  return "";
}

// Marks that turn the order of the text around them.
bool reorders(char32_t c) { return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069); }

// Names and texts from files stand in messages: what could command a terminal is written as \xNN.
std::string harmless(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    DecodedChar c = decode_utf8(text, at);
    std::string_view bytes = text.substr(at, c.bytes);
    bool shown = c.valid && !is_control(c.code_point) && !reorders(c.code_point);
    out += shown || c.code_point == '\t' ? bytes : printable(bytes);
    at += c.bytes;
  }
  return out;
}

void clear_status(LogState& log) {
  if (!log.status_shown) return;
  std::fputs("\r\033[K", stderr);
  log.status_shown = false;
}

void write_to_stderr(LogState& log, LogLevel level, std::string_view line) {
  clear_status(log);
  std::string text = fmt::format("{}{}\n", prefix(level), line);
  std::fwrite(text.data(), 1, text.size(), stderr);
}

// A log that cannot be written does not end a training: that is said once, and again only after a
// line that could be.
void write_to_file(LogState& log, LogLevel level, std::string_view line) {
  std::string text = fmt::format("{} {}{}\n", local_time(), prefix(level), line);
  try {
    write_all(log.descriptor, text, log.path);
    log.failed = false;
  } catch (const Error& error) {
    if (log.failed) return;
    log.failed = true;
    write_to_stderr(log, LogLevel::kWarning, fmt::format("the log: {}; going on", error.what()));
  } catch (const BrokenPipe&) {  // whoever read it has had enough
  }
}

}  // namespace

void set_log_quiet(bool quiet) {
  LogState& log = state();
  std::lock_guard lock(log.mutex);
  if (log.least != LogLevel::kError) log.least = quiet ? LogLevel::kWarning : LogLevel::kInfo;
}

void log_errors_only() {
  LogState& log = state();
  std::lock_guard lock(log.mutex);
  log.least = LogLevel::kError;
}

void set_log_file(const std::string& path) {
  LogState& log = state();
  std::lock_guard lock(log.mutex);
  if (log.descriptor >= 0) ::close(log.descriptor);
  log.descriptor = -1;
  if (path.empty()) return;
  constexpr int kFlags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC;
  log.descriptor = uninterrupted([&] { return ::open(path.c_str(), kFlags, 0644); });
  if (log.descriptor < 0) fail("cannot write the log {}: {}", path, system_reason());
  log.path = path;
  log.failed = false;
}

void log_line(LogLevel level, std::string_view given) {
  std::string line = harmless(given);
  LogState& log = state();
  std::lock_guard lock(log.mutex);
  if (level >= log.least) write_to_stderr(log, level, line);
  if (log.descriptor >= 0) write_to_file(log, level, line);
}

void show_status_line(std::string_view given) {
  std::string line = harmless(given);
  LogState& log = state();
  std::lock_guard lock(log.mutex);
  if (log.least != LogLevel::kInfo) return;
  clear_status(log);
  if (line.empty()) return;
  std::fwrite(line.data(), 1, line.size(), stderr);
  std::fflush(stderr);
  log.status_shown = true;
}

bool stderr_is_terminal() { return isatty(STDERR_FILENO) == 1; }

}  // namespace heed
