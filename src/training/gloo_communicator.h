// Processes that agree by LibTorch's c10d with Gloo, over TCP.
#pragma once

#include <memory>

#include "training/communicator.h"

namespace heed {

// Joins the processes of `launch`; see has_gloo(). Tensors of a GPU travel by the machine's memory.
// Throws UsageError where this build has no Gloo, Error where the others do not come.
//
// The device that Gloo listens on is the interface that GLOO_SOCKET_IFNAME names, or else the one
// that leads to launch.host.
std::unique_ptr<Communicator> join_by_gloo(const Launch& launch, const TrainingConfig& config);

}  // namespace heed
