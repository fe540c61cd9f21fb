#include "util/log.h"

#include <unistd.h>

#include <cstdio>
#include <ctime>
#include <mutex>

#include "util/error.h"

namespace heed {
namespace {

struct LogState {
  std::mutex mutex;
  bool quiet = false;
  FILE* file = nullptr;
  bool status_shown = false;
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

std::string timestamp() {
  std::time_t now = std::time(nullptr);
  std::tm parts{};
  localtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts);
  return text;
}

void clear_status(LogState& log) {
  if (!log.status_shown) return;
  std::fputs("\r\033[K", stderr);
  log.status_shown = false;
}

}  // namespace

void set_log_quiet(bool quiet) {
  LogState& log = state();
  std::lock_guard lock(log.mutex);
  log.quiet = quiet;
}

void set_log_file(const std::string& path) {
  LogState& log = state();
  std::lock_guard lock(log.mutex);
  if (log.file != nullptr) std::fclose(log.file);
  log.file = nullptr;
  if (path.empty()) return;
  log.file = std::fopen(path.c_str(), "ae");
  if (log.file == nullptr) fail("cannot write the log {}: {}", path, system_reason());
}

void log_line(LogLevel level, std::string_view line) {
  LogState& log = state();
  std::lock_guard lock(log.mutex);
  if (!log.quiet || level != LogLevel::kInfo) {
    clear_status(log);
    std::string text = fmt::format("{}{}\n", prefix(level), line);
    std::fwrite(text.data(), 1, text.size(), stderr);
  }
  if (log.file != nullptr) {
    // A log that cannot be written must not end a training; checkpoints report a full disk.
    std::string text = fmt::format("{} {}{}\n", timestamp(), prefix(level), line);
    std::fwrite(text.data(), 1, text.size(), log.file);
    std::fflush(log.file);
  }
}

void show_status_line(std::string_view line) {
  LogState& log = state();
  std::lock_guard lock(log.mutex);
  if (log.quiet) return;
  clear_status(log);
  if (line.empty()) return;
  std::fwrite(line.data(), 1, line.size(), stderr);
  std::fflush(stderr);
  log.status_shown = true;
}

bool stderr_is_terminal() { return isatty(STDERR_FILENO) == 1; }

}  // namespace heed
