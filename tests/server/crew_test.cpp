#include "server/crew.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>

namespace heed {
namespace {

TEST(CrewTest, HasAsManyThreadsAsThereIsWorkAtOnce) {
  std::latch all(5);
  Crew crew(8);
  // Each waits for the others: with fewer threads than tasks none would end.
  for (int i = 0; i < 5; ++i) crew.give([&] { all.arrive_and_wait(); });
  crew.finish();
  EXPECT_EQ(crew.threads(), 5u);
}

TEST(CrewTest, KeepsToItsBoundAndDoesAllThatItIsGiven) {
  std::atomic<int> done = 0, at_once = 0, most = 0;
  {
    Crew crew(3);
    for (int i = 0; i < 200; ++i) {
      crew.give([&] {
        int now = ++at_once;
        for (int before = most; now > before && !most.compare_exchange_weak(before, now);) {
        }
        std::this_thread::yield();
        --at_once;
        ++done;
      });
    }
  }
  EXPECT_EQ(done, 200);
  EXPECT_LE(most, 3);
}

TEST(CrewTest, TasksMayGiveTasks) {
  std::atomic<int> done = 0;
  Crew crew(2);
  crew.give([&] {
    crew.give([&] { ++done; });
    ++done;
  });
  while (done < 2) std::this_thread::yield();
  crew.finish();
  EXPECT_EQ(done, 2);
}

}  // namespace
}  // namespace heed
