#include "util/random.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace heed {
namespace {

// The sequence of seed 1234567 of the authors' own program.
TEST(SplitMix64Test, IsTheAuthors) {
  SplitMix64 random(1234567);
  for (uint64_t expected : {6457827717110365317U, 3203168211198807973U, 9817491932198370423U,
                            4593380528125082431U, 16408922859458223821U}) {
    EXPECT_EQ(random.next(), expected);
  }
  EXPECT_EQ(SplitMix64::hash(1234567), 6457827717110365317U);
}

TEST(SplitMix64Test, BelowABoundAreAllNumbersThere) {
  SplitMix64 random(1);
  std::set<uint64_t> seen;
  for (int i = 0; i < 200; ++i) seen.insert(random.below(7));
  EXPECT_THAT(seen, testing::ElementsAre(0, 1, 2, 3, 4, 5, 6));
}

}  // namespace
}  // namespace heed
