#include "util/awake_clock.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "util/clock.h"

namespace heed {
namespace {

void sleep_for(double seconds) {
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
}

TEST(AwakeClock, GoesForwardAndNoFasterThanTime) {
  double began = seconds_now();
  AwakeClock clock;
  double before = clock.seconds();
  for (int i = 0; i < 200; ++i) {
    sleep_for(0.001);
    double now = clock.seconds();
    EXPECT_GE(now, before);
    before = now;
  }
  EXPECT_GT(before, 0.1);
  EXPECT_LE(before, seconds_now() - began);
}

// A child has the clock and is stopped meanwhile; its exit code tells whether it has noticed.
TEST(AwakeClock, StandsWhileTheProcessIsStopped) {
  pid_t child = ::fork();
  if (child == 0) {
    AwakeClock clock;
    double began = seconds_now();
    while (seconds_now() - began < 3) sleep_for(0.01);
    ::_exit(clock.seconds() < seconds_now() - began - 1 ? 0 : 1);
  }
  sleep_for(0.3);
  ::kill(child, SIGSTOP);
  sleep_for(2.5);
  ::kill(child, SIGCONT);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace heed
