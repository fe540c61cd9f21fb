#include "training/presence.h"

#include <gmock/gmock.h>

#include <torch/csrc/distributed/c10d/HashStore.hpp>

#include "util/clock.h"
#include "util/error.h"

namespace heed {
namespace {

using ::testing::HasSubstr;

// Two processes of one store. What rank 1 writes of itself is written here, so that it can fall
// silent.
class PresenceTest : public ::testing::Test {
 protected:
  void sign(int64_t number, bool left = false, const std::string& reason = "",
            bool stopping = false) {
    store_->set("presence/1", fmt::format("rank 1 of 2 (there)\n{}\n7\n{} {}\n{}", number,
                                          left ? 1 : 0, stopping ? 1 : 0, reason));
  }
  PresenceOptions options(double timeout) const {
    return {.rank = 0, .size = 2, .timeout = timeout, .patience = 0.2, .store_name = "the store"};
  }
  static std::optional<std::string> loss_within(const Presence& presence, double limit) {
    double end = seconds_now() + limit;
    while (seconds_now() < end) {
      if (auto loss = presence.loss()) return loss;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return std::nullopt;
  }

  c10::intrusive_ptr<c10d::Store> store_ = c10::make_intrusive<c10d::HashStore>();
};

TEST_F(PresenceTest, NamesThoseThatDoNotCome) {
  try {
    Presence presence(store_, options(10));
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("of 2 processes, 1 have not come within 0 s (rank 1)"));
  }
}

TEST_F(PresenceTest, MissesWhoFallsSilent) {
  sign(1);
  Presence presence(store_, options(1));
  presence.at_step(9);
  EXPECT_EQ(presence.step(), 9);
  EXPECT_EQ(presence.loss(), std::nullopt);
  auto loss = loss_within(presence, 20);
  ASSERT_TRUE(loss);
  EXPECT_THAT(*loss, HasSubstr("rank 1 of 2 (there) is lost since step 7: no sign of life"));
  sign(2, /*left=*/true);
}

TEST_F(PresenceTest, DoesNotMissWhoGivesSigns) {
  sign(1);
  Presence presence(store_, options(1.5));
  for (int i = 2; i < 40; ++i) {
    sign(i);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    ASSERT_EQ(presence.loss(), std::nullopt) << i;
  }
  sign(40, /*left=*/true);
}

TEST_F(PresenceTest, HearsWhyAnotherLeaves) {
  sign(1);
  Presence presence(store_, options(30));
  sign(2, /*left=*/true, "rank 1 ended: no space\nof two lines");
  EXPECT_EQ(presence.explain("reset"), "rank 1 ended: no space\nof two lines");
}

TEST_F(PresenceTest, HearsThatAnotherWasAskedToStop) {
  sign(1);
  Presence presence(store_, options(2));
  EXPECT_FALSE(presence.stop_asked());
  sign(2, /*left=*/false, "", /*stopping=*/true);
  double end = seconds_now() + 20;
  while (!presence.stop_asked() && seconds_now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_TRUE(presence.stop_asked());
  sign(3, /*left=*/true);
}

TEST_F(PresenceTest, SaysWhyItLeaves) {
  sign(1);
  Presence presence(store_, options(1));
  sign(2, /*left=*/true);
  presence.leave("no more space");
  EXPECT_THAT(store_->get_to_str("presence/0"), HasSubstr("\n1 0\nno more space"));
}

}  // namespace
}  // namespace heed
