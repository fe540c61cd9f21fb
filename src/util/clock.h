// The time: one that only goes forward, and the one on the wall.
#pragma once

#include <chrono>
#include <ctime>
#include <string>

namespace heed {

// Seconds since some moment that stays the same while the process runs.
inline double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// "2026-11-28 17:15:51", in the machine's time zone.
inline std::string local_time() {
  std::time_t now = std::time(nullptr);
  std::tm parts{};
  localtime_r(&now, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts)};
}

}  // namespace heed
