#include "model/parameters.h"
#include "config/training_config.h"

#include <gmock/gmock.h>

#include "model/loss.h"
#include "model/parts.h"
#include "model/small_model.h"
#include "model/tiny_model.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

using ::testing::DoubleNear;
using ::testing::HasSubstr;
using ::testing::Pointwise;
using Values = std::vector<double>;

auto near(const Values& expected) { return Pointwise(DoubleNear(1e-6), expected); }

// Plain gradient descent, which is easy to follow in the head.
TrainingConfig descent(double average_decay = 0) {
  TrainingConfig config = default_config().training;
  config.optimizer = "sgd";
  config.momentum = config.clip_norm = 0;
  config.average_decay = average_decay;
  return config;
}

TEST(ParametersTest, CopiesTheWeightsAndCountsThem) {
  SmallModel model;
  Parameters parameters(model, {});
  EXPECT_EQ(parameters.count(), 6);
  EXPECT_TRUE(torch::equal(parameters.weights().at("matrix"), model.matrix));
  EXPECT_TRUE(torch::equal(parameters.weights().at("vector"), model.vector));
  EXPECT_NE(parameters.weights().at("matrix").data_ptr(), model.matrix.data_ptr());
}

TEST(ParametersTest, AllThatShareHaveTheSameWeightsAndGradientsOfTheirOwn) {
  for (bool optimizer_first : {false, true}) {
    SmallModel one, two({9, 9, 9, 9}, {9, 9});
    Values before = one.values();
    Parameters parameters(one, {});
    std::unique_ptr<Optimizer> optimizer;
    auto make = [&] {
      optimizer = std::make_unique<Optimizer>(parameters, descent(), one_worker());
    };
    if (optimizer_first) make();
    parameters.share(one);
    parameters.share(two);
    if (!optimizer_first) make();
    EXPECT_EQ(two.values(), before);
    one.add_gradient({1, 2, 3, 4, 5, 6});
    two.add_gradient({1, 0, 1, 0, 1, 0});
    EXPECT_EQ(two.matrix.grad()[0][1].item<double>(), 0);
    parameters.accumulate(one_worker());
    EXPECT_NEAR(parameters.squared_norm(), 4 + 4 + 16 + 16 + 36 + 36, 1e-5);
    EXPECT_EQ(one.matrix.grad().abs().sum().item<double>(), 0) << "gradients are left behind";
    optimizer->step(0.5, 10);
    Values after = before, gradient = {2, 2, 4, 4, 6, 6};
    for (size_t i = 0; i < after.size(); ++i) after[i] -= 0.05 * gradient[i];
    EXPECT_THAT(one.values(), near(after));
    EXPECT_THAT(two.values(), near(after));
  }
}

TEST(ParametersTest, TheSumIsMeasuredAnewAndForgotten) {
  SmallTraining training(descent());
  training.model.add_gradient({3, 0, 0, 0, 0, 4});
  training.parameters.accumulate(one_worker());
  training.parameters.gradients().mul_(2);  // as a sum over two processes would
  training.parameters.accumulate(one_worker());
  EXPECT_NEAR(training.parameters.squared_norm(), 100, 1e-5);
  training.parameters.discard();
  EXPECT_EQ(training.parameters.squared_norm(), 0);
  EXPECT_EQ(training.parameters.gradients().abs().sum().item<double>(), 0);
}

TEST(ParametersTest, KeepAnExponentialMovingAverage) {
  for (auto type : {torch::kFloat32, torch::kBFloat16}) {
    SmallTraining training(descent(0.75), type, SmallModel({0, 0, 0, 0}, {0, 0}));
    training.step({-16, 0, 0, 0, 0, -4}, 1);  // weight 16, mean 4
    training.step({-16, 0, 0, 0, 0, -4}, 1);  // weight 32, mean 3 + 8
    EXPECT_THAT(training.values(), near({32, 0, 0, 0, 0, 8}));
    {
      Parameters::WithWeights average(training.parameters, training.parameters.weights());
      EXPECT_THAT(training.values(), near({11, 0, 0, 0, 0, 2.75}));
      EXPECT_NEAR(training.weight("matrix")[0][0].item<double>(), 11, 1e-6) << "while it is shown";
    }
    EXPECT_THAT(training.values(), near({32, 0, 0, 0, 0, 8}));
    EXPECT_NEAR(training.weight("matrix")[0][0].item<double>(), 11, 1e-6);
    EXPECT_NEAR(training.weight("vector")[1].item<double>(), 2.75, 1e-6);
    training.step({-16, 0, 0, 0, 0, 0}, 1);
    EXPECT_NEAR(training.weight("matrix")[0][0].item<double>(), 0.75 * 11 + 0.25 * 48, 1e-6);
  }
}

TEST(ParametersTest, ShowOtherWeightsForAWhile) {
  SmallTraining training(descent());
  Values before = training.values();
  {
    Parameters::WithWeights same(training.parameters, training.parameters.weights());
    EXPECT_EQ(training.values(), before);
  }
  {
    Parameters::WithWeights ones(training.parameters,
                                 {{"matrix", torch::ones({2, 2})}, {"vector", torch::ones(2)}});
    EXPECT_EQ(training.values(), Values(6, 1));
  }
  EXPECT_EQ(training.values(), before);
}

// One update of a model with frozen parts: its weights before and after, and its gradients.
struct Updated {
  WeightMap before, after;
  std::map<std::string, Tensor> gradients;

  Updated(const ModelConfig& config, const ParameterOptions& options) {
    auto model = tiny::random_model(config);
    Parameters parameters(*model, options);
    parameters.share(*model);
    for (auto& [name, weight] : parameters.weights()) before[name] = weight.clone();
    BatchTensors batch =
        to_tensors(tiny::batch({{4, 5, 6}, {7, 8}}, {{5, 6}, {7, 8, 9}}), model->options());
    compute_loss(*model, batch, {}).objective.backward();
    for (const auto& item : model->named_parameters()) {
      if (item.value().grad().defined()) gradients[item.key()] = item.value().grad().clone();
    }
    parameters.accumulate(one_worker());
    Optimizer optimizer(parameters, default_config().training, one_worker());
    optimizer.step(0.5, 1);
    for (auto& [name, weight] : parameters.weights()) after[name] = weight.clone();
  }
};

class FrozenTest : public ::testing::TestWithParam<tiny::NamedConfig> {};

TEST_P(FrozenTest, PartsStayBitForBitAndTheOthersLearnAsEver) {
  Updated free(GetParam().config, {});
  for (std::string_view part : kParts) {
    Updated updated(GetParam().config, {.frozen = {std::string(part)}});
    for (const auto& [name, weight] : updated.before) {
      bool frozen = part_of(name) == part;
      EXPECT_EQ(updated.gradients.contains(name), !frozen) << name;
      if (frozen) {
        EXPECT_TRUE(torch::equal(updated.after.at(name), weight)) << name;
        continue;
      }
      EXPECT_TRUE(torch::allclose(updated.gradients.at(name), free.gradients.at(name), 1e-4, 5e-5))
          << name << " differs by "
          << (updated.gradients.at(name) - free.gradients.at(name)).abs().max().item<double>();
      if (free.gradients.at(name).abs().sum().item<double>() > 0) {
        EXPECT_FALSE(torch::equal(updated.after.at(name), weight)) << name;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, FrozenTest, ::testing::ValuesIn(tiny::all_configs()),
                         [](const auto& test) { return test.param.name; });

TEST(ParametersTest, WhatIsFrozenHasNoGradientsAndNoAverageOfItsOwn) {
  ParameterOptions options{
      .type = torch::kBFloat16, .average_decay = 0.5, .frozen = {"encoder", "embeddings"}};
  Updated updated(tiny::transformer_config(), options);
  auto model = tiny::random_model(tiny::transformer_config());
  Parameters parameters(*model, options);
  int64_t frozen = 0;
  for (const auto& [name, weight] : updated.before) {
    if (!is_in(name, options.frozen)) continue;
    frozen += weight.numel();
    EXPECT_TRUE(torch::equal(updated.after.at(name), weight)) << name;
  }
  EXPECT_EQ(parameters.frozen_count(), frozen);
  EXPECT_GT(frozen, 0);
  EXPECT_LE(parameters.gradients().numel(), parameters.masters().numel() - frozen);
  EXPECT_FALSE(torch::equal(updated.after.at("decoder_0.self_norm.bias"),
                            updated.before.at("decoder_0.self_norm.bias")));
}

TEST(ParametersTest, RefuseTheWeightsOfAnotherModel) {
  SmallTraining training(descent());
  EXPECT_THAT(message_of<Error>([&] {
                training.parameters.load_weights({{"matrix", torch::zeros({2, 2})}});
              }),
              HasSubstr("no fitting tensor vector"));
  EXPECT_THAT(message_of<Error>([&] {
                training.parameters.load_weights(
                    {{"matrix", torch::zeros({3, 2})}, {"vector", torch::zeros(2)}});
              }),
              HasSubstr("no fitting tensor matrix"));
}

}  // namespace
}  // namespace heed
