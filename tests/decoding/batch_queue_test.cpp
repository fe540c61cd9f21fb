#include "decoding/batch_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <numeric>
#include <set>
#include <thread>

namespace heed {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Queue = BatchQueue<int>;

TEST(BatchQueueTest, AFullPoolGivesTheOldestAndItsLikes) {
  Queue queue({.batch = 3, .pool = 6});
  int item = 0;
  for (int64_t length : {10, 30, 11, 31, 12, 50}) queue.push(item++, length);
  EXPECT_THAT(queue.take(), ElementsAre(0, 2, 4));
  // The oldest is now of length 30.
  for (int64_t length : {29, 90, 91}) queue.push(item++, length);
  EXPECT_THAT(queue.take(), ElementsAre(6, 1, 3));
}

TEST(BatchQueueTest, HurryGivesAllTheLongestFirst) {
  Queue queue({.batch = 2, .pool = 100});
  for (int length : {1, 5, 3, 4, 2}) queue.push(length, length);
  queue.hurry();
  EXPECT_THAT(queue.take(), ElementsAre(4, 5));
  EXPECT_THAT(queue.take(), ElementsAre(2, 3));
  EXPECT_THAT(queue.take(), ElementsAre(1));
}

TEST(BatchQueueTest, OnceClosedItGivesWhatIsLeftAndThenNothing) {
  Queue queue({.batch = 2, .pool = 100});
  queue.push(1, 1);
  queue.close();
  EXPECT_THAT(queue.take(), ElementsAre(1));
  EXPECT_THAT(queue.take(), IsEmpty());
}

TEST(BatchQueueTest, ADeadlineThatHasPassedMakesABatch) {
  Queue queue({.batch = 2, .pool = 100});
  queue.push(1, 1, Queue::Clock::now());
  EXPECT_THAT(queue.take(), ElementsAre(1));
}

TEST(BatchQueueTest, WhoTakesWaitsForWhatIsPushed) {
  Queue queue({.batch = 2, .pool = 2});
  auto taken = std::async(std::launch::async, [&] { return queue.take(); });
  queue.push(1, 1);
  queue.push(2, 1);
  EXPECT_THAT(taken.get(), ElementsAre(1, 2));
}

// The batches of a text of these lengths, taken by so many threads.
std::set<std::vector<int>> batches_of(const std::vector<int64_t>& lengths, int threads) {
  Queue queue({.batch = 5, .pool = 20});
  std::mutex mutex;
  std::set<std::vector<int>> all;
  std::vector<std::thread> crew;
  for (int i = 0; i < threads; ++i) {
    crew.emplace_back([&] {
      for (auto batch = queue.take(); !batch.empty(); batch = queue.take()) {
        std::lock_guard lock(mutex);
        all.insert(batch);
      }
    });
  }
  for (int i = 0; i < std::ssize(lengths); ++i) queue.push(i, lengths[i]);
  queue.close();
  for (std::thread& thread : crew) thread.join();
  return all;
}

TEST(BatchQueueTest, TheSameTextIsCutIntoTheSameBatchesWhoeverTakesThem) {
  std::vector<int64_t> lengths;
  for (int64_t i = 0; i < 500; ++i) lengths.push_back(i * i % 37);
  auto expected = batches_of(lengths, 1);
  size_t items = 0;
  for (const auto& batch : expected) items += batch.size();
  EXPECT_EQ(items, lengths.size());
  for (int threads : {2, 8}) EXPECT_EQ(batches_of(lengths, threads), expected);
}

}  // namespace
}  // namespace heed
