// A program of the user's that measures translations: training.validation_command.
#pragma once

#include <string>
#include <vector>

#include "config/config.h"

namespace heed {

class ValidationCommand {
 public:
  // Translations go to the file `path`, a line each, whose path is the command's last argument and
  // which is its standard input as well.
  ValidationCommand(const TrainingConfig& config, std::string path)
      : config_(config), path_(std::move(path)) {}

  // The number in the last line that the command prints. Where it fails, or prints no number, a
  // warning names the command and the cause, and there is no value: NaN.
  double measure(const std::vector<std::string>& translations);

  // Throws Error where training is to stop by what the command says, and it has failed
  // kMostFailures times in a row.
  void check() const;
  static constexpr int kMostFailures = 3;

 private:
  double failed(const std::string& why);

  const TrainingConfig& config_;
  std::string path_, last_failure_;
  int failures_ = 0;  // in a row
};

}  // namespace heed
