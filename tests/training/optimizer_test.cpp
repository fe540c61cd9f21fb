#include "training/optimizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "config/options.h"
#include "training/small_model.h"
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
  config.optimizer = optimizer;
  config.clip_norm = 0;
  return config;
}

Update take_step(SmallModel& model, Optimizer& optimizer, const Values& gradient, double rate = 0.1,
                 double tokens = 1) {
  model.add_gradient(gradient);
  optimizer.accumulate();
  return optimizer.step(rate, tokens);
}

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
    SmallModel model;
    Formulas expected(config, model.values());
    Optimizer optimizer({&model}, config, torch::kFloat32, one_worker());
    double rate = 0.1;
    for (const Values& gradient : kGradients) {
      take_step(model, optimizer, gradient, rate);
      expected.step(gradient, rate);
      EXPECT_THAT(model.values(), near(expected.values(), 2e-6)) << decay;
      rate /= 2;
    }
  }
}

TEST_P(EveryRule, StateGoesOnWhereItWas) {
  TrainingConfig config = config_of(GetParam());
  config.average_decay = 0.7;
  SmallModel whole, saved, resumed({0, 0, 0, 0}, {0, 0});
  Optimizer all({&whole}, config, torch::kFloat32, one_worker()),
      before({&saved}, config, torch::kFloat32, one_worker());
  for (const Values& gradient : kGradients) take_step(whole, all, gradient);
  take_step(saved, before, kGradients[0]);
  Optimizer after({&resumed}, config, torch::kFloat32, one_worker());
  after.load_weights(before.weights());
  after.load_state(before.state());
  EXPECT_EQ(resumed.values(), saved.values());
  for (size_t i : {1, 2}) take_step(resumed, after, kGradients[i]);
  EXPECT_EQ(resumed.values(), whole.values());
  for (const auto& [name, tensor] : all.weights()) {
    EXPECT_TRUE(torch::equal(after.weights().at(name), tensor)) << name;
  }
}

TEST(OptimizerTest, AdamsFirstStepIsTheLearningRateAgainstTheGradient) {
  SmallModel model;
  Values before = model.values();
  Optimizer optimizer({&model}, config_of("adam"), torch::kFloat32, one_worker());
  take_step(model, optimizer, kGradients[0], 0.01);
  Values signs = {1, -1, 1, 1, -1, 1};
  for (size_t i = 0; i < before.size(); ++i) before[i] -= 0.01 * signs[i];
  EXPECT_THAT(model.values(), near(before));
}

TEST(OptimizerTest, GradientsAreSummedAndDividedByTokens) {
  TrainingConfig config = config_of("sgd");
  config.momentum = 0;
  SmallModel model({0, 0, 0, 0}, {0, 0});
  Optimizer optimizer({&model}, config, torch::kFloat32, one_worker());
  model.add_gradient({1, 2, 3, 4, 5, 6});
  optimizer.accumulate();
  EXPECT_EQ(model.matrix.grad().abs().sum().item<double>(), 0) << "gradients are left behind";
  model.add_gradient({1, 0, 1, 0, 1, 0});
  optimizer.accumulate();
  Update update = optimizer.step(0.5, 10);
  EXPECT_THAT(model.values(), near({-0.1, -0.1, -0.2, -0.2, -0.3, -0.3}));
  EXPECT_NEAR(update.gradient_norm, std::sqrt(4 + 4 + 16 + 16 + 36 + 36) / 10, 1e-6);
  EXPECT_TRUE(update.finite);
  // Nothing of it stays for the next step.
  optimizer.step(0.5, 10);
  EXPECT_THAT(model.values(), near({-0.1, -0.1, -0.2, -0.2, -0.3, -0.3}));
}

TEST(OptimizerTest, ClipsTheNormOfTheMeanGradient) {
  TrainingConfig config = config_of("sgd");
  config.momentum = 0;
  config.clip_norm = 2;
  SmallModel model({0, 0, 0, 0}, {0, 0});
  Optimizer optimizer({&model}, config, torch::kFloat32, one_worker());
  Update update = take_step(model, optimizer, {30, 0, 0, 0, 40, 0}, 1, 10);  // norm 5
  EXPECT_NEAR(update.gradient_norm, 5, 1e-6);
  EXPECT_THAT(model.values(), near({-1.2, 0, 0, 0, -1.6, 0}));
  take_step(model, optimizer, {0, 0.6, 0, 0, 0, 0.8}, 1, 1);  // norm 1: as it is
  EXPECT_THAT(model.values(), near({-1.2, -0.6, 0, 0, -1.6, -0.8}));
}

TEST(OptimizerTest, AGradientThatIsNotFiniteChangesNothing) {
  for (double bad : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    TrainingConfig config = config_of("adam");
    config.average_decay = 0.5;
    SmallModel model, other;
    Optimizer optimizer({&model}, config, torch::kFloat32, one_worker()),
        clean({&other}, config, torch::kFloat32, one_worker());
    take_step(model, optimizer, kGradients[0]);
    take_step(other, clean, kGradients[0]);
    Update update = take_step(model, optimizer, {0, 0, bad, 0, 0, 0});
    EXPECT_FALSE(update.finite);
    EXPECT_FALSE(std::isfinite(update.gradient_norm));
    EXPECT_EQ(model.values(), other.values());
    for (const auto& [name, tensor] : clean.state()) {
      EXPECT_TRUE(torch::equal(optimizer.state().at(name), tensor)) << name;
    }
    take_step(model, optimizer, kGradients[1]);
    take_step(other, clean, kGradients[1]);
    EXPECT_EQ(model.values(), other.values());
  }
}

TEST(OptimizerTest, Bfloat16ModelsHaveFloat32Masters) {
  TrainingConfig config = config_of("sgd");
  config.momentum = 0;
  SmallModel model({1, 1, 1, 1}, {1, 1});
  Optimizer optimizer({&model}, config, torch::kBFloat16, one_worker());
  EXPECT_EQ(model.matrix.scalar_type(), torch::kBFloat16);
  // bfloat16 has 8 bits: 1 - 0.001 rounds to 1, and only a master adds up what is lost each time.
  for (int i = 0; i < 16; ++i) take_step(model, optimizer, {1, 1, 1, 1, 1, 1}, 0.001);
  EXPECT_THAT(model.values(), near(Values(6, 0.984375), 1e-9));  // 0.984 in bfloat16
  Tensor weights = optimizer.weights().at("matrix");
  EXPECT_EQ(weights.scalar_type(), torch::kFloat32);
  EXPECT_NEAR(weights[0][0].item<double>(), 0.984, 1e-6);
}

TEST(OptimizerTest, KeepsAnExponentialMovingAverage) {
  for (auto type : {torch::kFloat32, torch::kBFloat16}) {
    TrainingConfig config = config_of("sgd");
    config.momentum = 0;
    config.average_decay = 0.75;
    SmallModel model({0, 0, 0, 0}, {0, 0});
    Optimizer optimizer({&model}, config, type, one_worker());
    take_step(model, optimizer, {-16, 0, 0, 0, 0, -4}, 1);  // weight 16, mean 4
    take_step(model, optimizer, {-16, 0, 0, 0, 0, -4}, 1);  // weight 32, mean 3 + 8
    EXPECT_THAT(model.values(), near({32, 0, 0, 0, 0, 8}));
    {
      Optimizer::WithAverage average(optimizer);
      EXPECT_THAT(model.values(), near({11, 0, 0, 0, 0, 2.75}));
    }
    EXPECT_THAT(model.values(), near({32, 0, 0, 0, 0, 8}));
    EXPECT_NEAR(optimizer.weights().at("matrix")[0][0].item<double>(), 11, 1e-6);
    EXPECT_NEAR(optimizer.weights().at("vector")[1].item<double>(), 2.75, 1e-6);
    take_step(model, optimizer, {-16, 0, 0, 0, 0, 0}, 1);
    EXPECT_NEAR(optimizer.weights().at("matrix")[0][0].item<double>(), 0.75 * 11 + 0.25 * 48, 1e-6);
  }
}

TEST(OptimizerTest, WithoutAnAverageWithAverageChangesNothing) {
  SmallModel model;
  Optimizer optimizer({&model}, config_of("adam"), torch::kFloat32, one_worker());
  Values before = model.values();
  Optimizer::WithAverage average(optimizer);
  EXPECT_EQ(model.values(), before);
}

TEST(OptimizerTest, AnAverageMayBeSwitchedOnAndOff) {
  TrainingConfig off = config_of("sgd"), on = off;
  on.average_decay = 0.5;
  SmallModel plain, averaged, plain_again;
  Optimizer first({&plain}, off, torch::kFloat32, one_worker()),
      second({&averaged}, on, torch::kFloat32, one_worker()),
      third({&plain_again}, off, torch::kFloat32, one_worker());
  take_step(plain, first, kGradients[0]);
  second.load_weights(first.weights());
  second.load_state(first.state());
  EXPECT_EQ(averaged.values(), plain.values());
  EXPECT_TRUE(torch::equal(second.weights().at("matrix"), plain.matrix));
  take_step(averaged, second, kGradients[1]);
  third.load_weights(second.weights());
  third.load_state(second.state());
  EXPECT_EQ(plain_again.values(), averaged.values());
}

TEST(OptimizerTest, CountsParameters) {
  SmallModel model;
  EXPECT_EQ(Optimizer({&model}, config_of("adam"), torch::kFloat32, one_worker()).parameter_count(),
            6);
}

TEST(OptimizerTest, RefusesTheStateOfAnotherRuleOrModel) {
  SmallModel one, two;
  Optimizer sgd({&one}, config_of("sgd"), torch::kFloat32, one_worker()),
      adam({&two}, config_of("adam"), torch::kFloat32, one_worker());
  EXPECT_THAT(message_of<Error>([&] { adam.load_state(sgd.state()); }),
              AllOf(HasSubstr("no fitting tensor second"), HasSubstr("training.optimizer")));
  EXPECT_THAT(message_of<Error>([&] {
                adam.load_weights({{"matrix", torch::zeros({2, 2})}});
              }),
              HasSubstr("no fitting tensor vector"));
  EXPECT_THAT(message_of<Error>([&] {
                adam.load_weights({{"matrix", torch::zeros({3, 2})}, {"vector", torch::zeros(2)}});
              }),
              HasSubstr("no fitting tensor matrix"));
}

}  // namespace
}  // namespace heed
