// What must be the same in all processes of a training, compared before its first update.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "config/config.h"
#include "training/communicator.h"

namespace heed {

// Names and values.
using Fingerprint = std::vector<std::pair<std::string, std::string>>;

// heed, LibTorch and the options, without those that are each machine's own: paths, threads,
// replicas, device and memory.
Fingerprint program_fingerprint(const Config& config);

// Throws UsageError in all processes where any differs from process 0, naming what differs, and
// each value.
void check_agreement(Communicator& communicator, const Fingerprint& own);

}  // namespace heed
