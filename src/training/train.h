// Training and averaging, for callers that need no tensor library.
#pragma once

#include <string>
#include <vector>

#include "config/config.h"

namespace heed {

enum class StartMode { kResumeIfThere, kFresh, kResume };

// Trains until a limit, early stopping or a signal; returns the signal, or 0. `command`, where
// given, is what the log shows as the way to do the same again. Throws UsageError for a
// configuration that cannot be, Error for data that cannot be.
int train(const Config& config, StartMode mode, const std::string& command = {});

// Writes the mean of the weights of checkpoints (folders, or safetensors files) to `output`: to a
// file that ends in .safetensors, else as a model folder. Throws Error where configurations, names,
// shapes or vocabularies differ, and where a training is at work there.
void average_checkpoints(const std::vector<std::string>& checkpoints, const std::string& output);

}  // namespace heed
