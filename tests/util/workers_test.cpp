#include "util/workers.h"

#include <gmock/gmock.h>

#include <atomic>
#include <set>
#include <stdexcept>

namespace heed {
namespace {

TEST(Workers, EachHasItsShareInEveryRound) {
  for (int64_t count : {1, 2, 5}) {
    Workers workers(count);
    std::vector<std::atomic<int>> shares(count);
    for (int round = 0; round < 200; ++round) {
      workers.run([&](int64_t worker) { ++shares[worker]; });
      for (auto& share : shares) ASSERT_EQ(share, round + 1);
    }
  }
}

TEST(Workers, OneIsTheCallersThreadAndMoreKeepTheirs) {
  std::thread::id caller = std::this_thread::get_id();
  Workers(1).run([&](int64_t) { EXPECT_EQ(std::this_thread::get_id(), caller); });
  std::atomic<int> prepared = 0;
  Workers workers(3, [&] { ++prepared; });
  std::vector<std::thread::id> first(3), second(3);
  workers.run([&](int64_t worker) { first[worker] = std::this_thread::get_id(); });
  workers.run([&](int64_t worker) { second[worker] = std::this_thread::get_id(); });
  EXPECT_EQ(first, second);
  EXPECT_EQ(std::set<std::thread::id>(first.begin(), first.end()).size(), 3u);
  EXPECT_EQ(prepared, 3);
}

TEST(Workers, TheLowestWorkersExceptionComesBackAndTheCrewGoesOn) {
  Workers workers(4);
  for (int round = 0; round < 50; ++round) {
    try {
      workers.run([](int64_t worker) {
        if (worker % 2 == 1) throw std::runtime_error("worker " + std::to_string(worker));
      });
      FAIL() << "nothing was thrown";
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "worker 1");
    }
    std::atomic<int> ran = 0;
    workers.run([&](int64_t) { ++ran; });
    EXPECT_EQ(ran, 4);
  }
}

}  // namespace
}  // namespace heed
