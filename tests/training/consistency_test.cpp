#include "training/consistency.h"

#include <gtest/gtest.h>

#include <cmath>

#include "config/options.h"
#include "kernels/embedding.h"
#include "model/golden.h"
#include "model/noise.h"
#include "model/tiny_model.h"
#include "training/small_run.h"

namespace heed {
namespace {

TrainingConfig config_of(const std::string& objective, double consistency) {
  TrainingConfig config = default_config().training;
  config.objective = *config.objective.find(objective);
  config.consistency = consistency;
  config.cutoff = 0.4;
  config.label_smoothing = 0.1;
  return config;
}

Batch some_batch() {
  return tiny::batch(tiny::random_sentences(4, 5, 21), tiny::random_sentences(4, 6, 22));
}

// What two passes say of the real target positions: [2, N, V] of float64 log-probabilities. The
// same draws as the objective's, and each pass's states taken out of the whole forward pass.
Tensor log_probabilities(const Seq2Seq& model, double cutoff) {
  begin_draws({5, 2});
  BatchTensors one = to_tensors(some_batch(), model.options()), both = twice(one);
  cut_pieces(both, cutoff, one.target_input.size(0));
  Tensor states = tiny::forward(model, both);
  Tensor logits = torch::linear(states, model.output_weight(), model.output_bias());
  Tensor table =
      torch::log_softmax(logits.to(torch::kFloat64), -1).view({2, one.target_input.numel(), -1});
  return one.target_positions.defined() ? table.index_select(1, one.target_positions) : table;
}

double smoothed(const Tensor& table, double smoothing) {
  BatchTensors batch = to_tensors(some_batch(), torch::kFloat32);
  double sum = 0;
  for (int64_t i = 0; i < batch.tokens; ++i) {
    sum -= (1 - smoothing) * table[i][batch.target_output[i].item<int64_t>()].item<double>();
    sum -= smoothing * table[i].mean().item<double>();
  }
  return sum;
}

double divergence(const Tensor& p, const Tensor& q) {
  return (p.exp() * (p - q)).sum().item<double>();
}

std::vector<ModelConfig> dropping_configs() {
  std::vector<ModelConfig> configs = {tiny::transformer_config(), tiny::recurrent_config()};
  for (ModelConfig& config : configs) {
    config.dropout = 0.3;
    config.activation = "gelu";
  }
  return configs;
}

TEST(RDrop, IsTheMeanOfBothPassesAndTheirDivergence) {
  for (const ModelConfig& config : dropping_configs()) {
    auto model = tiny::random_model(config);
    model->train();
    Loss loss = make_objective(config_of("r_drop", 5))->loss(*model, some_batch(), {5, 2});
    Tensor table = log_probabilities(*model, 0);
    double entropies = (smoothed(table[0], 0.1) + smoothed(table[1], 0.1)) / 2;
    double apart = divergence(table[0], table[1]) + divergence(table[1], table[0]);
    EXPECT_GT(apart, 0.1);
    EXPECT_NEAR(loss.smoothed_sum, entropies, 1e-3);
    EXPECT_NEAR(loss.objective.item<double>(), entropies + 5.0 / 4 * apart, 1e-2);
  }
}

TEST(SimCut, IsTheWholePassAndItsDivergenceFromACutOne) {
  for (const ModelConfig& config : dropping_configs()) {
    auto model = tiny::random_model(config);
    model->train();
    Loss loss = make_objective(config_of("simcut", 3))->loss(*model, some_batch(), {5, 2});
    Tensor table = log_probabilities(*model, 0.4);
    double apart = divergence(table[0], table[1]);
    EXPECT_GT(apart, 0.1);
    EXPECT_NEAR(loss.smoothed_sum, smoothed(table[0], 0.1), 1e-3);
    EXPECT_NEAR(loss.objective.item<double>(), smoothed(table[0], 0.1) + 3 * apart, 1e-2);
  }
}

TEST(Consistency, OfAModelWithoutDropoutIsCrossEntropy) {
  auto model = tiny::random_model(tiny::transformer_config());
  Loss plain = make_objective(config_of("cross_entropy", 5))->loss(*model, some_batch(), {5, 2});
  Loss both = make_objective(config_of("r_drop", 5))->loss(*model, some_batch(), {5, 2});
  EXPECT_EQ(both.tokens, plain.tokens);
  EXPECT_NEAR(both.smoothed_sum, plain.smoothed_sum, 1e-3);
  EXPECT_NEAR(both.log_likelihood, plain.log_likelihood, 1e-3);
  EXPECT_NEAR(both.objective.item<double>(), plain.objective.item<double>(), 1e-3);
}

// Along the gradient of each parameter the objective rises as fast as the gradient is long.
TEST(Consistency, GradientsEqualDifferences) {
  constexpr double kDistance = 2e-3;
  for (const ModelConfig& config : dropping_configs()) {
    for (const char* name : {"r_drop", "simcut"}) {
      auto model = tiny::random_model(config);
      model->train();
      auto objective = make_objective(config_of(name, 2));
      auto loss = [&] { return objective->loss(*model, some_batch(), {5, 2}).objective; };
      model->zero_grad();
      loss().backward();
      for (auto& item : model->named_parameters()) {
        SCOPED_TRACE(std::string(config.architecture.name()) + " " + name + " " + item.key());
        Tensor gradient = item.value().grad().clone(), before = item.value().detach().clone();
        double length = gradient.norm().item<double>();
        auto loss_at = [&](double distance) {
          torch::NoGradGuard no_gradient;
          item.value().copy_(before + gradient / (length + 1e-12) * distance);
          return loss().item<double>();
        };
        double rise = loss_at(kDistance) - loss_at(-kDistance);
        loss_at(0);
        EXPECT_NEAR(rise / (2 * kDistance), length, 2e-2 * length + 2e-2);
      }
    }
  }
}

TEST(Consistency, Bfloat16IsNearFloat32) {
  for (ModelConfig config : dropping_configs()) {
    config.dropout = 0;
    for (const char* name : {"r_drop", "simcut"}) {
      auto objective = make_objective(config_of(name, 2));
      auto model = tiny::random_model(config);
      double exact = objective->loss(*model, some_batch(), {5, 2}).objective.item<double>();
      model->to(torch::kBFloat16);
      Loss rounded = objective->loss(*model, some_batch(), {5, 2});
      EXPECT_NEAR(rounded.objective.item<double>(), exact, 3e-2 * exact);
      rounded.objective.backward();
    }
  }
}

TEST(Consistency, ATrainingGoesOnToTheLastBit) {
  for (const char* name : {"r_drop", "simcut"}) {
    SCOPED_TRACE(name);
    expect_exact_resume([&](Config& config) {
      config.training.objective = *config.training.objective.find(name);
      config.training.word_dropout = 0.1;
      config.training.accumulation = 2;
      config.training.replicas = config.training.threads = 2;
      config.model.dropout = 0.2;
      config.training.max_steps = 6;
    });
  }
}

}  // namespace
}  // namespace heed
