// The executable comes twice, of the same sources. `heed` is without LibTorch, whose loading takes
// ten times as long as all else that a small command does; `heed-torch` is with it.
#pragma once

#include <exception>
#include <optional>
#include <string>

namespace heed {

// Call it before anything is read. In `heed`, the process becomes heed-torch, with the same
// command line; throws Error where that is missing. In heed-torch, throws UsageError where HEED_CPU
// names what the processor cannot do.
void need_libtorch(char** argv);

// What an error of LibTorch's says, without its call stack; nothing for any other error.
std::optional<std::string> libtorch_message(const std::exception& error);

}  // namespace heed
