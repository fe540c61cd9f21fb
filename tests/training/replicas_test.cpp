#include "training/replicas.h"
#include "config/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/device.h"
#include "model/optimizer.h"
#include "model/tiny_model.h"

namespace heed {
namespace {

std::vector<std::shared_ptr<Seq2Seq>> models_of(const ModelConfig& config, int64_t count) {
  std::vector<std::shared_ptr<Seq2Seq>> models(count);
  for (auto& model : models) {
    model = make_model({config, {tiny::kVocabulary, tiny::kVocabulary}, 20});
    model->train();
  }
  return models;
}

// A training of `count` replicas of one model, up to where its gradients are.
class Crew {
 public:
  Crew(const ModelConfig& config, int64_t count) {
    torch::manual_seed(5);
    auto models = models_of(config, count);
    parameters = std::make_unique<Parameters>(*models[0], ParameterOptions{});
    replicas = std::make_unique<Replicas>(models, *parameters, 1);
    TrainingConfig training = default_config().training;
    training.optimizer = "sgd";  // Adam would make large steps of what rounding leaves of a zero
    training.label_smoothing = 0.1;
    optimizer = std::make_unique<Optimizer>(*parameters, training, replicas->workers());
    objective = std::make_unique<CrossEntropy>(training);
  }

  // The weights after some updates with these parts of a batch.
  std::vector<Tensor> train(const std::vector<Batch>& parts, int updates = 3) {
    for (int i = 0; i < updates; ++i) {
      last = replicas->backward(parts, *objective, {.seed = static_cast<uint64_t>(100 + i)});
      parameters->accumulate(replicas->workers());
      optimizer->step(0.5, last.tokens);
    }
    std::vector<Tensor> weights;
    for (const Tensor& weight : replicas->models().back()->parameters()) {
      weights.push_back(weight.detach().clone());
    }
    return weights;
  }

  std::unique_ptr<Parameters> parameters;
  std::unique_ptr<Replicas> replicas;
  std::unique_ptr<Optimizer> optimizer;
  std::unique_ptr<Objective> objective;
  BatchLoss last;
};

std::vector<Batch> parts_of(int64_t count) {
  auto source = tiny::random_sentences(12, 7, 1), target = tiny::random_sentences(12, 7, 2);
  std::vector<Batch> parts;
  for (size_t begin = 0; begin < 12; begin += 12 / count) {
    size_t end = begin + 12 / count;
    parts.push_back(tiny::batch({source.begin() + begin, source.begin() + end},
                                {target.begin() + begin, target.begin() + end}));
  }
  return parts;
}

ModelConfig config_with(const ModelConfig& base, double dropout) {
  ModelConfig config = base;
  config.dropout = dropout;
  return config;
}

void expect_close(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) EXPECT_TRUE(torch::allclose(a[i], b[i], 1e-4, 1e-5)) << i;
}

TEST(Replicas, LearnWhatOneModelLearns) {
  for (const ModelConfig& base : {tiny::transformer_config(), tiny::recurrent_config()}) {
    ModelConfig config = config_with(base, 0);
    Crew one(config, 1), three(config, 3);
    auto expected = one.train(parts_of(1));
    expect_close(three.train(parts_of(3)), expected);
    EXPECT_EQ(three.last.tokens, one.last.tokens);
    EXPECT_NEAR(three.last.smoothed_sum, one.last.smoothed_sum, 1e-3);
    EXPECT_NEAR(three.last.log_likelihood, one.last.log_likelihood, 1e-3);
  }
}

TEST(Replicas, ShareOneSetOfWeights) {
  Crew crew(tiny::transformer_config(), 3);
  crew.train(parts_of(3));
  auto first = crew.replicas->models()[0]->parameters();
  for (const auto& model : crew.replicas->models()) {
    auto own = model->parameters();
    for (size_t i = 0; i < own.size(); ++i) EXPECT_EQ(own[i].data_ptr(), first[i].data_ptr());
  }
}

TEST(Replicas, DrawTheSameWheneverTheyRun) {
  ModelConfig config = config_with(tiny::transformer_config(), 0.4);
  Crew first(config, 3), again(config, 3), undropped(config_with(config, 0), 3);
  auto weights = first.train(parts_of(3)), same = again.train(parts_of(3));
  auto other = undropped.train(parts_of(3));
  for (size_t i = 0; i < weights.size(); ++i) EXPECT_TRUE(weights[i].equal(same[i])) << i;
  EXPECT_FALSE(torch::allclose(weights[0], other[0], 1e-4, 1e-5));
}

TEST(Replicas, EachDrawsAnew) {
  // Three parts with the same pairs: only what is drawn can tell their gradients apart.
  ModelConfig config = config_with(tiny::transformer_config(), 0.4);
  Crew crew(config, 3);
  Batch part = parts_of(3)[0];
  crew.replicas->backward({part, part, part}, *crew.objective, {.seed = 1});
  std::vector<Tensor> gradients;
  for (const auto& model : crew.replicas->models()) {
    gradients.push_back(model->parameters()[0].grad().clone());
  }
  EXPECT_FALSE(gradients[0].equal(gradients[1]));
  EXPECT_FALSE(gradients[1].equal(gradients[2]));
}

TEST(Replicas, SomeMayHaveNothingToDo) {
  ModelConfig config = config_with(tiny::recurrent_config(), 0);
  Crew one(config, 1), four(config, 4);
  expect_close(four.train(parts_of(2)), one.train(parts_of(1)));
}

TEST(Replicas, HaveTheirNumberOfThreadsAfterABackwardPassToo) {
  WithThreads before(3);
  for (int64_t each : {1, 2}) {
    auto models = models_of(tiny::transformer_config(), 2);
    Parameters parameters(*models[0], {});
    Replicas replicas(models, parameters, each);
    CrossEntropy objective(default_config().training);
    for (int i = 0; i < 2; ++i) {
      replicas.workers().run([&](int64_t) { EXPECT_EQ(at::get_num_threads(), each); });
      replicas.backward(parts_of(2), objective, {.seed = 1});
    }
  }
}

TEST(PlanReplicas, OneAThreadOnTheCpuUnlessSaid) {
  TrainingConfig config = default_config().training;
  int threads = at::get_num_threads();
  at::set_num_threads(4);
  auto plan = [&](int64_t replicas, const torch::Device& device) {
    config.replicas = replicas;
    ReplicaPlan found = plan_replicas(config, device);
    return std::pair(found.replicas, found.threads);
  };
  using Pair = std::pair<int64_t, int64_t>;
  EXPECT_EQ(plan(0, torch::kCPU), Pair(4, 1));
  EXPECT_EQ(plan(1, torch::kCPU), Pair(1, 4));
  EXPECT_EQ(plan(2, torch::kCPU), Pair(2, 2));
  EXPECT_EQ(plan(9, torch::kCPU), Pair(9, 1));
  EXPECT_EQ(plan(0, torch::kCUDA).first, 1);
  at::set_num_threads(threads);
}

}  // namespace
}  // namespace heed
