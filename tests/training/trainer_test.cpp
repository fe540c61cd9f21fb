#include "training/trainer.h"

#include <gmock/gmock.h>

#include <csignal>

#include "training/small_run.h"

namespace heed {
namespace {

using ::testing::ElementsAre;

// As if a second process did the same on the same batches.
class Twins : public OneProcess {
 public:
  void sum_gradients(Parameters& parameters, Workers& workers, const Backward& backward) override {
    OneProcess::sum_gradients(parameters, workers, backward);
    parameters.gradients().mul_(2);
    parameters.measure(workers);
  }
  void sum(std::span<double> numbers) override {
    for (double& number : numbers) number *= 2;
  }
};

// Another process has had a signal in some step.
class Stopped : public OneProcess {
 public:
  explicit Stopped(int64_t step) : last_(step) {}
  void at_step(int64_t step) override { step_ = step; }
  int64_t largest(int64_t number) override { return step_ < last_ ? number : SIGTERM; }

 private:
  int64_t last_, step_ = 0;
};

// Every sum is asked for: of two processes with the same batches each update is that of one, since
// a sum over twice as many tokens has the same mean to the last bit.
TEST(Trainer, AgreesWithOtherProcesses) {
  for (const char* type : {"float32", "bfloat16"}) {
    SmallRun one, two;
    for (SmallRun* run : {&one, &two}) {
      run->config.training.precision = *run->config.training.precision.find(type);
      run->config.training.accumulation = 2;
      run->config.evaluation.beam_size = 0;
    }
    Twins twins;
    EXPECT_EQ(one.train(), 0);
    EXPECT_EQ(two.train(twins), 0);
    for (const auto& [name, weight] : one.weights) {
      EXPECT_TRUE(torch::equal(two.weights.at(name), weight)) << name;
    }
    EXPECT_EQ(two.state.target_tokens, 2 * one.state.target_tokens);
    EXPECT_EQ(two.state.reward_baseline, one.state.reward_baseline);
    EXPECT_NE(one.state.reward_baseline, 0);
  }
}

TEST(Trainer, StopsWhereAnyProcessIsAskedTo) {
  SmallRun run;
  Stopped stopped(3);
  EXPECT_EQ(run.train(stopped), SIGTERM);
  EXPECT_EQ(run.state.step, 3);
  EXPECT_FALSE(run.state.finished);
  EXPECT_THAT(run.folder().checkpoint_steps(), ElementsAre(3));
  EXPECT_EQ(run.train(), 0);
  EXPECT_EQ(run.state.step, 8);
  EXPECT_TRUE(run.state.finished);
}

}  // namespace
}  // namespace heed
