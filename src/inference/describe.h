// What `heed info` says.
#pragma once

#include <string>

namespace heed {

// Throws Error at once where HEED_CPU names no processor, not when a kernel first asks.
void check_processor();
// This build and this machine: versions, processor, GPUs, and what `auto` would choose.
std::string describe_build();
// A model folder: its size and kinds. Throws Error where it is none, or damaged.
std::string describe_model(const std::string& folder);

}  // namespace heed
