#include "util/awake_clock.h"

#include <algorithm>
#include <chrono>

#include "util/clock.h"

namespace heed {
namespace {

constexpr std::chrono::milliseconds kTick(100);
// Seconds that one tick may count for: more than a busy machine delays it, less than a stop takes.
constexpr double kMost = 0.5;

}  // namespace

AwakeClock::AwakeClock() : last_(seconds_now()), thread_([this] { tick(); }) {}

AwakeClock::~AwakeClock() {
  {
    std::lock_guard lock(mutex_);
    done_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

double AwakeClock::seconds() const {
  std::lock_guard lock(mutex_);
  return passed_ + std::min(seconds_now() - last_, kMost);
}

void AwakeClock::tick() {
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, kTick, [&] { return done_; })) {
    double now = seconds_now();
    passed_ += std::min(now - last_, kMost);
    last_ = now;
  }
}

}  // namespace heed
