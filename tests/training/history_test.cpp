#include "training/history.h"

#include <gmock/gmock.h>

#include <cmath>

#include "config/options.h"

namespace heed {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TrainingConfig config_with(const std::string& metric, int64_t patience = 2) {
  TrainingConfig config = default_config().training;
  config.stopping_metric = *config.stopping_metric.find(metric);
  config.patience = patience;
  config.plateau_patience = 2;
  config.plateau_factor = 0.5;
  return config;
}

Validation row(int64_t step, double loss, double bleu = -1) {
  return {.step = step, .loss = loss, .perplexity = std::exp(loss), .bleu = bleu};
}

const double kNan = std::nan("");

TEST(HistoryTest, TheBestHasTheLowestLoss) {
  History history(config_with("loss"));
  EXPECT_TRUE(history.add(row(1, 3)));
  EXPECT_FALSE(history.add(row(2, 3))) << "as good is not better";
  EXPECT_TRUE(history.add(row(3, 2)));
  EXPECT_FALSE(history.add(row(4, 2.5)));
  EXPECT_THAT(history.best_steps(3), ElementsAre(3, 4, 1));
  EXPECT_THAT(history.best_steps(9), ElementsAre(3, 4, 1, 2));
}

TEST(HistoryTest, OrTheHighestBleu) {
  History history(config_with("bleu"));
  EXPECT_TRUE(history.add(row(1, 3, 10)));
  EXPECT_TRUE(history.add(row(2, 4, 11)));
  EXPECT_FALSE(history.add(row(3, 1, 10.5)));
  EXPECT_THAT(history.best_steps(2), ElementsAre(2, 3));
}

Validation judged(int64_t step, double command) {
  Validation row{.step = step, .loss = 1, .perplexity = 3, .bleu = 10};
  row.command = command;
  return row;
}

TEST(HistoryTest, OrTheBestOfACommand) {
  TrainingConfig config = config_with("command");
  config.validation_command = "metric";
  for (const char* goal : {"maximize", "minimize"}) {
    config.validation_command_goal = *config.validation_command_goal.find(goal);
    double sign = config.validation_command_goal == "maximize" ? 1 : -1;
    History history(config);
    EXPECT_TRUE(history.add(judged(1, sign * -5)));
    EXPECT_TRUE(history.add(judged(2, sign * 0)));
    EXPECT_FALSE(history.add(judged(3, sign * -1)));
    EXPECT_THAT(history.best_steps(2), ElementsAre(2, 3)) << goal;
  }
}

TEST(HistoryTest, AValidationWithoutTheCommandsNumberIsNeverBestAndNoTimeWaited) {
  TrainingConfig config = config_with("command", 2);
  config.validation_command = "metric";
  History history(config);
  EXPECT_FALSE(history.add(judged(1, kNan)));
  EXPECT_THAT(history.best_steps(1), IsEmpty());
  EXPECT_TRUE(history.add(judged(2, 0.25)));
  for (int64_t step = 3; step < 8; ++step) EXPECT_FALSE(history.add(judged(step, kNan)));
  EXPECT_FALSE(history.out_of_patience());
  EXPECT_EQ(history.state().waited, 0);
  EXPECT_THAT(history.best_steps(3), ElementsAre(2));
  EXPECT_THAT(history.table(), AllOf(HasSubstr("\tbleu\tcommand\tlearning_rate\t"),
                                     HasSubstr("\t10.00\t0.25\t"), HasSubstr("\t10.00\t-\t")));
  history.add(judged(8, 0.2));
  history.add(judged(9, 0.1));
  EXPECT_TRUE(history.out_of_patience());
}

TEST(HistoryTest, OfEqualBleuTheLowerLossIsBest) {
  History history(config_with("bleu", 3));
  for (int step : {1, 2, 3, 4}) EXPECT_TRUE(history.add(row(step, 5.0 - step, 0.001 * step)));
  EXPECT_FALSE(history.out_of_patience());
  EXPECT_FALSE(history.add(row(5, 2, 0.004))) << "0.00 as before, with a higher loss";
  EXPECT_THAT(history.best_steps(2), ElementsAre(4, 3));
  EXPECT_TRUE(history.add(row(6, 9, 0.5)));
  EXPECT_EQ(history.last_best(), 6);
}

TEST(HistoryTest, AnExtraRowIsForgottenWhenTrainingGoesOn) {
  TrainingConfig config = config_with("loss");
  History stopped(config), whole(config);
  for (History* history : {&stopped, &whole}) history->add(row(4, 2));
  Validation extra = row(6, 1);
  extra.extra = true;
  EXPECT_TRUE(stopped.add(extra));
  EXPECT_TRUE(stopped.validated(6));
  EXPECT_THAT(stopped.best_steps(1), ElementsAre(6));
  stopped.go_on();
  stopped.go_on();
  for (History* history : {&stopped, &whole}) {
    EXPECT_TRUE(history->add(row(8, 1.5)));
    EXPECT_FALSE(history->add(row(12, 1.5)));
  }
  EXPECT_EQ(stopped.table(), whole.table());
  EXPECT_EQ(stopped.state().waited, whole.state().waited);
  EXPECT_EQ(stopped.plateau().waited, whole.plateau().waited);
}

TEST(HistoryTest, AnExtraRowMovesNeitherPatienceNorPlateau) {
  History history(config_with("loss", 1));
  history.add(row(4, 2));
  Validation worse = row(6, 3);
  worse.extra = true;
  EXPECT_FALSE(history.add(worse));
  EXPECT_FALSE(history.out_of_patience());
  EXPECT_EQ(history.plateau().waited, 0);
}

TEST(HistoryTest, BegunAnewItComparesWithNothingBefore) {
  TrainingConfig config = config_with("loss");
  History before(config);
  before.add(row(5, 1));
  for (int step : {10, 15}) before.add(row(step, 3));
  EXPECT_TRUE(before.out_of_patience());
  HistoryState state = before.state();
  state.begin_anew();
  History history(config, state);
  EXPECT_FALSE(history.out_of_patience());
  EXPECT_FALSE(history.validated(15));
  EXPECT_EQ(history.plateau().factor, 1);
  EXPECT_THAT(history.best_steps(5), IsEmpty());
  EXPECT_TRUE(history.add(row(20, 7)));
  EXPECT_THAT(history.best_steps(5), ElementsAre(20));
  EXPECT_THAT(history.table(), AllOf(HasSubstr("\n5\t"), HasSubstr("\n15\t")));
  EXPECT_TRUE(history.table().ends_with("\t*\n"));
}

TEST(HistoryTest, TheBestOfTheSavedAreAveraged) {
  TrainingConfig config = config_with("loss");
  config.average_checkpoints = 2;
  History history(config);
  for (int64_t step : {10, 20, 30, 40}) history.add(row(step, step == 20 ? 1 : 100.0 - step));
  EXPECT_THAT(history.steps_to_average({20, 30, 40}), ElementsAre(20, 40));
  EXPECT_THAT(history.steps_to_average({10, 30}), IsEmpty());
}

TEST(HistoryTest, TheLastThatAreDueAreAveraged) {
  TrainingConfig config = config_with("loss");
  config.average_checkpoints = 3;
  config.average_choice = "last";
  config.checkpoint_every = 10;
  History history(config);
  Validation extra = row(33, 1);
  extra.extra = true;
  history.add(row(25, 5));
  history.add(extra);
  EXPECT_THAT(history.steps_to_average({}), IsEmpty());
  EXPECT_THAT(history.steps_to_average({10}), ElementsAre(10));
  // 25 was validated; a signal left 27 and 33, of which the very last counts alone.
  EXPECT_THAT(history.steps_to_average({10, 20, 25, 27, 30}), ElementsAre(20, 25, 30));
  EXPECT_THAT(history.steps_to_average({20, 25, 27, 30, 33}), ElementsAre(25, 30, 33));
  EXPECT_THAT(history.steps_to_average({25, 27, 30, 33, 40}), ElementsAre(25, 30, 40));
}

TEST(YardstickTest, NamesWhatHasChanged) {
  Config config = default_config();
  Yardstick before = yardstick_of(config, "one");
  EXPECT_EQ(before, yardstick_of(config, "one"));
  config.training.stopping_metric = "perplexity";  // the loss by another name
  EXPECT_EQ(before, yardstick_of(config, "one"));
  EXPECT_EQ(yardstick_of(config, "two").difference(before), "the dev set");
  config.training.stopping_metric = "bleu";
  config.evaluation.tokenize = "char";
  EXPECT_THAT(yardstick_of(config, "one").difference(before),
              AllOf(HasSubstr("training.stopping_metric"), HasSubstr("char"), HasSubstr("auto")));
  for (const char* metric : {"bleu", "command"}) {
    config.training.stopping_metric = *config.training.stopping_metric.find(metric);
    Yardstick one = yardstick_of(config, "one");
    Config other = config;
    other.decoding.batch_size += 1;
    other.decoding.beam_size += 1;  // validations have evaluation.beam_size
    EXPECT_EQ(yardstick_of(other, "one"), one);
    other.decoding.max_length = 7;
    EXPECT_THAT(yardstick_of(other, "one").difference(one), HasSubstr("max_length 7"));
    other = config;
    other.evaluation.beam_size = 3;
    EXPECT_THAT(yardstick_of(other, "one").difference(one), HasSubstr("beam 3"));
  }
  config.training.stopping_metric = "loss";
  Yardstick loss = yardstick_of(config, "one");
  config.decoding.max_length = 7;  // no translation counts
  EXPECT_EQ(yardstick_of(config, "one"), loss);
}

TEST(HistoryTest, ALossThatIsNotFiniteIsNeverBest) {
  for (double bad : {kNan, static_cast<double>(INFINITY)}) {
    History history(config_with("loss"));
    EXPECT_FALSE(history.add(row(1, bad)));
    EXPECT_THAT(history.best_steps(1), IsEmpty());
    EXPECT_TRUE(history.add(row(2, 100)));
    EXPECT_THAT(history.best_steps(2), ElementsAre(2));
  }
}

TEST(HistoryTest, PatienceEndsAfterSoManyWithoutABest) {
  History history(config_with("loss")), endless(config_with("loss", 0));
  std::vector<bool> over;
  int64_t step = 0;
  for (double loss : {3.0, 3.5, 2.0, 2.5, 2.5}) {
    history.add(row(++step, loss));
    endless.add(row(step, loss));
    over.push_back(history.out_of_patience());
  }
  EXPECT_THAT(over, ElementsAre(false, false, false, false, true));
  EXPECT_FALSE(endless.out_of_patience());
}

TEST(HistoryTest, APlateauCutsTheRate) {
  History history(config_with("loss"));
  for (int64_t step : {1, 2, 3, 4}) history.add(row(step, static_cast<double>(step)));
  EXPECT_EQ(history.plateau().factor, 0.5);
  EXPECT_EQ(history.plateau().waited, 1);
}

TEST(HistoryTest, GoesOnFromItsState) {
  History whole(config_with("loss", 3)), first(config_with("loss", 3));
  for (int64_t step : {1, 2}) first.add(row(step, static_cast<double>(step)));
  History second(config_with("loss", 3), first.state());
  for (int64_t step : {1, 2, 3, 4}) whole.add(row(step, static_cast<double>(step)));
  EXPECT_FALSE(second.out_of_patience());
  for (int64_t step : {3, 4}) EXPECT_FALSE(second.add(row(step, static_cast<double>(step))));
  EXPECT_TRUE(second.out_of_patience());
  EXPECT_EQ(second.table(), whole.table());
  EXPECT_EQ(second.plateau().factor, whole.plateau().factor);
  EXPECT_EQ(second.plateau().waited, whole.plateau().waited);
}

TEST(HistoryTest, KnowsOfWhichStepItsLastRowIs) {
  History history(config_with("loss"));
  EXPECT_FALSE(history.validated(0));
  history.add(row(5, 2));
  EXPECT_TRUE(history.validated(5));
  history.add(row(10, 3));
  EXPECT_FALSE(history.validated(5));
  EXPECT_TRUE(history.validated(10));
}

TEST(HistoryTest, TheTableHasARowEachAndOneStar) {
  History history(config_with("loss"));
  history.add({.step = 5, .epoch = 1, .loss = 2.5, .perplexity = 12.25, .bleu = 9.876});
  history.add({.step = 10,
               .epoch = 2,
               .loss = 2.25,
               .perplexity = 9.5,
               .learning_rate = 0.0005,
               .seconds = 61.25});
  EXPECT_EQ(history.table(),
            "step\tepoch\tloss\tperplexity\tbleu\tlearning_rate\tseconds\tbest\n"
            "5\t1\t2.500000\t12.2500\t9.88\t0\t0.0\t\n"
            "10\t2\t2.250000\t9.5000\t-\t0.0005\t61.2\t*\n");
}

}  // namespace
}  // namespace heed
