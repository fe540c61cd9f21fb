#include "model/optimizer.h"
#include "config/training_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "model/small_model.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

using ::testing::AllOf;
using ::testing::DoubleNear;
using ::testing::HasSubstr;
using ::testing::Pointwise;

using Values = std::vector<double>;

const std::vector<Values> kGradients = {{0.1, -0.2, 0.3, 0.4, -0.5, 0.6},
                                        {-0.3, 0.1, 0.2, -0.1, 0.4, 0.2},
                                        {0.2, 0.2, -0.6, 0.1, 0.1, -0.4}};

TrainingConfig config_of(const std::string& optimizer) {
  TrainingConfig config = default_config().training;
  config.optimizer = *config.optimizer.find(optimizer);
  config.clip_norm = 0;
  return config;
}

SmallModel zeros() { return SmallModel({0, 0, 0, 0}, {0, 0}); }

auto near(const Values& expected, double tolerance = 1e-6) {
  return Pointwise(DoubleNear(tolerance), expected);
}

// The published formulas, number by number.
class Formulas {
 public:
  Formulas(const TrainingConfig& config, Values values)
      : config_(config), values_(std::move(values)), first_(values_.size()), second_(first_) {}

  void step(const Values& gradients, double rate) {
    ++steps_;
    for (size_t i = 0; i < values_.size(); ++i) {
      bool matrix = i < 4;  // weight decay is for matrices alone
      update(i, gradients[i], rate, matrix ? config_.weight_decay : 0);
    }
  }
  const Values& values() const { return values_; }

 private:
  void update(size_t i, double gradient, double rate, double decay) {
    if (config_.optimizer == "adamw") values_[i] -= rate * decay * values_[i];
    if (config_.optimizer != "adamw") gradient += decay * values_[i];
    if (config_.optimizer == "sgd") {
      first_[i] = config_.momentum * first_[i] + gradient;
      values_[i] -= rate * first_[i];
      return;
    }
    first_[i] = config_.beta1 * first_[i] + (1 - config_.beta1) * gradient;
    second_[i] = config_.beta2 * second_[i] + (1 - config_.beta2) * gradient * gradient;
    double first = first_[i] / (1 - std::pow(config_.beta1, steps_));
    double second = second_[i] / (1 - std::pow(config_.beta2, steps_));
    values_[i] -= rate * first / (std::sqrt(second) + config_.epsilon);
  }

  TrainingConfig config_;
  Values values_, first_, second_;
  int steps_ = 0;
};

class EveryRule : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Rules, EveryRule, ::testing::Values("adam", "adamw", "sgd"));

TEST_P(EveryRule, FollowsItsFormulas) {
  for (double decay : {0.0, 0.1}) {
    TrainingConfig config = config_of(GetParam());
    config.weight_decay = decay;
    config.epsilon = 1e-3;  // large enough to be seen
    SmallTraining training(config);
    Formulas expected(config, training.values());
    double rate = 0.1;
    for (const Values& gradient : kGradients) {
      training.step(gradient, rate);
      expected.step(gradient, rate);
      EXPECT_THAT(training.values(), near(expected.values(), 2e-6)) << decay;
      rate /= 2;
    }
  }
}

TEST_P(EveryRule, StateGoesOnWhereItWas) {
  TrainingConfig config = config_of(GetParam());
  config.average_decay = 0.7;
  SmallTraining whole(config), saved(config), resumed(config, torch::kFloat32, zeros());
  for (const Values& gradient : kGradients) whole.step(gradient);
  saved.step(kGradients[0]);
  resumed.load(saved);
  EXPECT_EQ(resumed.values(), saved.values());
  for (size_t i : {1, 2}) resumed.step(kGradients[i]);
  EXPECT_EQ(resumed.values(), whole.values());
  for (const auto& [name, tensor] : whole.parameters.weights()) {
    EXPECT_TRUE(torch::equal(resumed.weight(name.c_str()), tensor)) << name;
  }
}

TEST(OptimizerTest, AdamsFirstStepIsTheLearningRateAgainstTheGradient) {
  SmallTraining training(config_of("adam"));
  Values before = training.values();
  training.step(kGradients[0], 0.01);
  Values signs = {1, -1, 1, 1, -1, 1};
  for (size_t i = 0; i < before.size(); ++i) before[i] -= 0.01 * signs[i];
  EXPECT_THAT(training.values(), near(before));
}

TEST(OptimizerTest, GradientsAreSummedAndDividedByTokens) {
  TrainingConfig config = config_of("sgd");
  config.momentum = 0;
  SmallTraining training(config, torch::kFloat32, zeros());
  training.model.add_gradient({1, 2, 3, 4, 5, 6});
  training.parameters.accumulate(one_worker());
  Update update = training.step({1, 0, 1, 0, 1, 0}, 0.5, 10);
  EXPECT_THAT(training.values(), near({-0.1, -0.1, -0.2, -0.2, -0.3, -0.3}));
  EXPECT_NEAR(update.gradient_norm, std::sqrt(4 + 4 + 16 + 16 + 36 + 36) / 10, 1e-6);
  EXPECT_TRUE(update.finite);
  // Nothing of it stays for the next step.
  EXPECT_EQ(training.optimizer.step(0.5, 10).gradient_norm, 0);
  EXPECT_THAT(training.values(), near({-0.1, -0.1, -0.2, -0.2, -0.3, -0.3}));
}

TEST(OptimizerTest, ClipsTheNormOfTheMeanGradient) {
  TrainingConfig config = config_of("sgd");
  config.momentum = 0;
  config.clip_norm = 2;
  SmallTraining training(config, torch::kFloat32, zeros());
  Update update = training.step({30, 0, 0, 0, 40, 0}, 1, 10);  // norm 5
  EXPECT_NEAR(update.gradient_norm, 5, 1e-6);
  EXPECT_THAT(training.values(), near({-1.2, 0, 0, 0, -1.6, 0}));
  training.step({0, 0.6, 0, 0, 0, 0.8}, 1, 1);  // norm 1: as it is
  EXPECT_THAT(training.values(), near({-1.2, -0.6, 0, 0, -1.6, -0.8}));
}

TEST(OptimizerTest, AGradientThatIsNotFiniteChangesNothing) {
  for (double bad : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    TrainingConfig config = config_of("adam");
    config.average_decay = 0.5;
    SmallTraining training(config), clean(config);
    training.step(kGradients[0]);
    clean.step(kGradients[0]);
    Update update = training.step({0, 0, bad, 0, 0, 0});
    EXPECT_FALSE(update.finite);
    EXPECT_FALSE(std::isfinite(update.gradient_norm));
    EXPECT_EQ(training.values(), clean.values());
    for (const auto& [name, tensor] : clean.optimizer.state()) {
      EXPECT_TRUE(torch::equal(training.optimizer.state().at(name), tensor)) << name;
    }
    training.step(kGradients[1]);
    clean.step(kGradients[1]);
    EXPECT_EQ(training.values(), clean.values());
  }
}

TEST(OptimizerTest, Bfloat16ModelsHaveFloat32Masters) {
  TrainingConfig config = config_of("sgd");
  config.momentum = 0;
  SmallTraining training(config, torch::kBFloat16, SmallModel({1, 1, 1, 1}, {1, 1}));
  EXPECT_EQ(training.model.matrix.scalar_type(), torch::kBFloat16);
  // bfloat16 has 8 bits: 1 - 0.001 rounds to 1, and only a master adds up what is lost each time.
  for (int i = 0; i < 16; ++i) training.step({1, 1, 1, 1, 1, 1}, 0.001);
  EXPECT_THAT(training.values(), near(Values(6, 0.984375), 1e-9));  // 0.984 in bfloat16
  Tensor weights = training.weight("matrix");
  EXPECT_EQ(weights.scalar_type(), torch::kFloat32);
  EXPECT_NEAR(weights[0][0].item<double>(), 0.984, 1e-6);
}

TEST(OptimizerTest, AnAverageMayBeSwitchedOnAndOff) {
  TrainingConfig off = config_of("sgd"), on = off;
  on.average_decay = 0.5;
  SmallTraining plain(off), averaged(on), plain_again(off);
  plain.step(kGradients[0]);
  averaged.load(plain);
  EXPECT_EQ(averaged.values(), plain.values());
  EXPECT_TRUE(torch::equal(averaged.weight("matrix"), plain.model.matrix));
  averaged.step(kGradients[1]);
  plain_again.load(averaged);
  EXPECT_EQ(plain_again.values(), averaged.values());
}

TEST(OptimizerTest, RefusesTheStateOfAnotherRule) {
  SmallTraining sgd(config_of("sgd")), adam(config_of("adam"));
  EXPECT_THAT(message_of<Error>([&] { adam.optimizer.load_state(sgd.optimizer.state()); }),
              AllOf(HasSubstr("no fitting tensor second"), HasSubstr("training.optimizer")));
}

}  // namespace
}  // namespace heed
