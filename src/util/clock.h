// Time that only goes forward.
#pragma once

#include <chrono>

namespace heed {

// Seconds since some moment that stays the same while the process runs.
inline double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace heed
