#include "report/progress.h"

#include <gtest/gtest.h>

namespace heed {
namespace {

TEST(Progress, LineHasMeansOverTheStepsSinceTheLastReport) {
  ProgressPlace place{.step = 100, .max_steps = 20000, .epoch = 1.344, .learning_rate = 5e-4};
  ProgressSums sums{.steps = 50,
                    .target_tokens = 98120,
                    .loss = 5.1234 * 98120,
                    .seconds = 10,
                    .seconds_waited = 1,
                    .gradient_norm = 45.5};
  EXPECT_EQ(progress_line(place, sums),
            "train | step 100/20000 | epoch 1.34 | loss 5.1234 | lr 0.0005 | norm 0.91 | 9,812 "
            "tok/s | wait 10% | left 1h06m");
}

TEST(Progress, NothingDoneYetDividesByNothing) {
  ProgressPlace place{.step = 0, .max_steps = 10, .epoch = 0, .learning_rate = 0};
  EXPECT_EQ(progress_line(place, {}),
            "train | step 0/10 | epoch 0.00 | loss 0.0000 | lr 0 | norm 0.00 | 0 tok/s | wait 0% | "
            "left 0.0s");
  EXPECT_EQ(tokens_per_second({}), 0);
  EXPECT_EQ(share_waited({}), 0);
}

}  // namespace
}  // namespace heed
