// What must be the same in all processes of a training.
#pragma once

#include <ATen/core/Tensor.h>

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

// Before the first update. Throws UsageError in all processes where any differs from process 0,
// naming what differs, and each value.
void check_agreement(Communicator& communicator, const Fingerprint& own);

// Processes update their weights by the same numbers: that they round in the same way is seen here.
// Throws Error in all processes where the weights, of any shape, are not those of process 0 to the
// bit.
void check_same_weights(Communicator& communicator, const at::Tensor& weights, int64_t step);

}  // namespace heed
