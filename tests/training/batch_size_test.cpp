#include "training/batch_size.h"

#include <gmock/gmock.h>

#include "config/options.h"
#include "util/error.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int64_t kMiB = 1 << 20;

// Memory of 100 MiB and `each` bytes a token; notes the sizes tried.
struct Machine {
  int64_t each;
  std::vector<int64_t> tried = {};
  int64_t operator()(int64_t tokens) {
    tried.push_back(tokens);
    return 100 * kMiB + tokens * each;
  }
};

TEST(LargestBatch, DoublesUpToTheMost) {
  Machine machine{1000};
  BatchSize found = largest_batch(std::ref(machine), 1000 * kMiB, 3000);
  EXPECT_EQ(found.tokens, 3000);
  EXPECT_EQ(found.memory, 100 * kMiB + 3000 * 1000);
  EXPECT_THAT(machine.tried, ElementsAre(512, 1024, 2048, 3000));
}

TEST(LargestBatch, TriesNothingThatIsForeseenNotToFit) {
  Machine machine{kMiB / 4};  // 4,096 tokens would take 1,124 MiB
  BatchSize found = largest_batch(std::ref(machine), 1000 * kMiB, 25000);
  EXPECT_EQ(found.tokens, 2048);
  EXPECT_THAT(machine.tried, ElementsAre(512, 1024, 2048));
}

TEST(LargestBatch, KeepsTheLastThatFitWhereMemoryGrowsFaster) {
  std::vector<int64_t> tried;
  auto measure = [&](int64_t tokens) {
    tried.push_back(tokens);
    return tokens * tokens;
  };
  BatchSize found = largest_batch(measure, 3000 * 3000, 25000);
  EXPECT_EQ(found.tokens, 2048);
  EXPECT_LE(std::ranges::max(tried), 4096);
}

TEST(LargestBatch, SaysWhatEvenASmallOneTakes) {
  Machine machine{kMiB};
  EXPECT_THAT(message_of<Error>([&] { largest_batch(std::ref(machine), 500 * kMiB, 25000); }),
              AllOf(HasSubstr("512 tokens already takes 612 MiB"), HasSubstr("500 MiB"),
                    HasSubstr("training.memory_limit")));
  EXPECT_THAT(machine.tried, ElementsAre(512));
}

TEST(MemoryLimit, IsWhatIsSaidOrHalfOfTheMachines) {
  TrainingConfig config = default_config().training;
  config.memory_limit = 300;
  EXPECT_EQ(memory_limit(config), 300 * kMiB);
  config.memory_limit = 0;
  EXPECT_GT(memory_limit(config), 50 * kMiB);
}

}  // namespace
}  // namespace heed
