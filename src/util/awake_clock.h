// Time in which this process was able to run.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

namespace heed {

// Seconds that go forward like seconds_now(), but stand while the whole process does: stopped by
// SIGSTOP or a scheduler, or on a machine that sleeps. Who was away itself must not take the others
// for lost.
class AwakeClock {
 public:
  AwakeClock();
  ~AwakeClock();
  AwakeClock(const AwakeClock&) = delete;
  double seconds() const;

 private:
  void tick();

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  double passed_ = 0, last_;  // until the last tick; when that was
  bool done_ = false;
  std::thread thread_;
};

}  // namespace heed
