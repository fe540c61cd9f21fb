// The log: to stderr, and to a file where one is set. Results never go here: stdout is theirs.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

namespace heed {

enum class LogLevel { kInfo, kWarning, kError };

// With quiet set, stderr gets warnings and errors alone; the log file gets everything.
void set_log_quiet(bool quiet);
// From now on stderr gets errors alone: of processes that work together, one writes the log.
void log_errors_only();
// Appends each line to `path` too, with date and time; an empty path ends that.
void set_log_file(const std::string& path);

// One line, e.g. "warning: ..."; safe to call from several threads.
void log_line(LogLevel level, std::string_view line);

// A line that the next one overwrites, for a terminal's progress; empty clears it.
void show_status_line(std::string_view line);
bool stderr_is_terminal();

template <typename... Args>
void log_info(fmt::format_string<Args...> format, Args&&... args) {
  log_line(LogLevel::kInfo, fmt::format(format, std::forward<Args>(args)...));
}

template <typename... Args>
void log_warning(fmt::format_string<Args...> format, Args&&... args) {
  log_line(LogLevel::kWarning, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace heed
