#include "training/schedule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/options.h"

namespace heed {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TrainingConfig config_with(const std::string& schedule) {
  TrainingConfig config = default_config().training;
  config.schedule = *config.schedule.find(schedule);
  config.learning_rate = 0.008;
  config.warmup_steps = 4;
  config.max_steps = 12;
  return config;
}

double rate(const TrainingConfig& config, int64_t step, const PlateauState& plateau = {}) {
  return learning_rate(config, step, plateau);
}

TEST(ScheduleTest, EveryScheduleRisesLinearlyToThePeak) {
  for (const char* schedule : {"constant", "inverse_sqrt", "linear", "cosine", "plateau"}) {
    TrainingConfig config = config_with(schedule);
    EXPECT_DOUBLE_EQ(rate(config, 1), 0.002) << schedule;
    EXPECT_DOUBLE_EQ(rate(config, 2), 0.004) << schedule;
    EXPECT_DOUBLE_EQ(rate(config, 3), 0.006) << schedule;
    EXPECT_DOUBLE_EQ(rate(config, 4), 0.008) << schedule;
  }
}

TEST(ScheduleTest, WithoutWarmUpTheFirstStepIsAtThePeak) {
  for (const char* schedule : {"constant", "inverse_sqrt", "plateau"}) {
    TrainingConfig config = config_with(schedule);
    config.warmup_steps = 0;
    EXPECT_DOUBLE_EQ(rate(config, 1), 0.008) << schedule;
  }
}

TEST(ScheduleTest, ConstantStays) {
  EXPECT_DOUBLE_EQ(rate(config_with("constant"), 5), 0.008);
  EXPECT_DOUBLE_EQ(rate(config_with("constant"), 5000), 0.008);
}

TEST(ScheduleTest, InverseSquareRootHalvesInFourTimesTheSteps) {
  TrainingConfig config = config_with("inverse_sqrt");
  EXPECT_DOUBLE_EQ(rate(config, 16), 0.004);
  EXPECT_DOUBLE_EQ(rate(config, 64), 0.002);
  EXPECT_NEAR(rate(config, 5), 0.008 * 0.894427190999916, 1e-15);
  config.warmup_steps = 0;
  EXPECT_DOUBLE_EQ(rate(config, 4), 0.004);
}

TEST(ScheduleTest, LinearEndsAtTheLowestRateAndStaysThere) {
  TrainingConfig config = config_with("linear");
  EXPECT_DOUBLE_EQ(rate(config, 8), 0.004);
  EXPECT_DOUBLE_EQ(rate(config, 12), 0);
  EXPECT_DOUBLE_EQ(rate(config, 99), 0);
  config.min_learning_rate = 0.002;
  config.schedule_steps = 10;
  EXPECT_DOUBLE_EQ(rate(config, 7), 0.005);
  EXPECT_DOUBLE_EQ(rate(config, 10), 0.002);
  EXPECT_DOUBLE_EQ(rate(config, 11), 0.002);
}

TEST(ScheduleTest, CosineIsHalfACosine) {
  TrainingConfig config = config_with("cosine");
  EXPECT_NEAR(rate(config, 6), 0.004 * (1 + 0.7071067811865476), 1e-15);
  EXPECT_NEAR(rate(config, 8), 0.004, 1e-15);
  EXPECT_NEAR(rate(config, 10), 0.004 * (1 - 0.7071067811865476), 1e-15);
  EXPECT_NEAR(rate(config, 12), 0, 1e-15);
  config.min_learning_rate = 0.002;
  EXPECT_NEAR(rate(config, 8), 0.005, 1e-15);
  EXPECT_NEAR(rate(config, 50), 0.002, 1e-15);
}

TEST(ScheduleTest, AScheduleThatEndsInTheWarmUp) {
  TrainingConfig config = config_with("linear");
  config.schedule_steps = 2;
  EXPECT_DOUBLE_EQ(rate(config, 4), 0.008);
  EXPECT_DOUBLE_EQ(rate(config, 5), 0);
}

TEST(PlateauTest, CutsAfterPatienceAndStartsToWaitAgain) {
  TrainingConfig config = config_with("plateau");
  config.plateau_factor = 0.5;
  config.plateau_patience = 2;
  config.min_learning_rate = 0.0015;
  PlateauState state;
  std::vector<double> rates;
  for (bool best : {true, false, false, false, true, false, false, false, false, false}) {
    update_plateau(config, best, state);
    rates.push_back(rate(config, 100, state));
  }
  std::vector<double> expected = {0.008, 0.008, 0.004, 0.004,  0.004,
                                  0.004, 0.002, 0.002, 0.0015, 0.0015};
  for (size_t i = 0; i < rates.size(); ++i) EXPECT_DOUBLE_EQ(rates[i], expected[i]) << i;
}

TEST(ScheduleTest, WhatCanHardlyBeMeantIsSaid) {
  EXPECT_THAT(schedule_doubts(config_with("inverse_sqrt")), IsEmpty());
  TrainingConfig config = config_with("inverse_sqrt");
  config.warmup_steps = 2000;
  config.max_steps = 30;
  EXPECT_THAT(schedule_doubts(config),
              ElementsAre(AllOf(HasSubstr("warmup_steps = 2000 with max_steps = 30"),
                                HasSubstr("1.5 % of 0.008"))));
  config = config_with("cosine");
  config.schedule_steps = 6;
  EXPECT_THAT(schedule_doubts(config), ElementsAre(HasSubstr("nothing is learned after step 6")));
  config.min_learning_rate = 0.001;
  EXPECT_THAT(schedule_doubts(config), IsEmpty());
  config = config_with("linear");
  config.warmup_steps = config.max_steps;
  EXPECT_THAT(schedule_doubts(config), ElementsAre(HasSubstr("never begins to fall")));
  config = config_with("plateau");
  config.patience = config.plateau_patience = 3;
  EXPECT_THAT(schedule_doubts(config),
              ElementsAre(HasSubstr("before the learning rate is ever cut")));
}

}  // namespace
}  // namespace heed
