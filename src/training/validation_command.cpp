#include "training/validation_command.h"

#include <limits>

#include "util/atomic_file.h"
#include "util/error.h"
#include "util/log.h"
#include "util/program.h"
#include "util/text.h"

namespace heed {
namespace {

std::string last_line(const std::string& text) {
  std::string last;
  for (const std::string& line : split(text, '\n')) {
    if (!is_blank(line)) last = trim(line);
  }
  return last;
}

}  // namespace

double ValidationCommand::measure(const std::vector<std::string>& translations) {
  std::string text;
  for (const std::string& line : translations) text += line + "\n";
  write_file_atomically(path_, text);
  ProgramOptions options{.arguments = {path_},
                         .input = path_,
                         .seconds = static_cast<double>(config_.validation_command_timeout)};
  try {
    ProgramRun run = run_program(config_.validation_command, options);
    if (!run.succeeded()) return failed(run.failure(options));
    std::string last = last_line(run.output);
    auto value = parse_real(last);
    if (!value && last.empty()) return failed("printed nothing");
    if (!value) return failed(fmt::format("its last line is no number: {}", printable(last, 80)));
    failures_ = 0;
    return *value;
  } catch (const Error& error) {
    return failed(error.what());
  }
}

double ValidationCommand::failed(const std::string& why) {
  ++failures_;
  last_failure_ = fmt::format("{} {}: {}", config_.validation_command, path_, why);
  log_warning("validation_command: {}; this validation has no value of it", last_failure_);
  return std::numeric_limits<double>::quiet_NaN();
}

void ValidationCommand::check() const {
  if (config_.stopping_metric != "command" || failures_ < kMostFailures) return;
  fail(
      "training.validation_command, by which training is to stop, failed {} times in a row; all is "
      "saved, and the same command goes on from here once it is mended: {}",
      failures_, last_failure_);
}

}  // namespace heed
