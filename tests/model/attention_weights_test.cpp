#include "model/attention_weights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kernels/dropout.h"
#include "model/golden.h"
#include "model/tiny_model.h"
#include "util/error.h"

namespace heed {
namespace {

using golden::expect_close;
using golden::tensor;

const double kMinusInfinity = -std::numeric_limits<double>::infinity();

Tensor sparse_weights(const golden::Json& test, const Tensor& scores) {
  return test.at("kind") == "sparsemax" ? sparsemax(scores) : entmax15(scores);
}

TEST(SparseWeightsTest, EqualTheDefinitionSolvedByBisection) {
  for (const auto& test : golden::load("sparse_weights.json")) {
    Tensor scores = tensor(test.at("scores"));
    expect_close(sparse_weights(test, scores), tensor(test.at("weights")), 2e-5);
    // As rows of a batch, each with its own support.
    Tensor rows = torch::stack({scores, scores.flip(0)}).view({2, 1, -1});
    expect_close(sparse_weights(test, rows)[1][0], tensor(test.at("weights")).flip(0), 2e-5);
  }
}

TEST(SparseWeightsTest, GradientsEqualDifferences) {
  for (const auto& test : golden::load("sparse_weights.json")) {
    Tensor scores = tensor(test.at("scores")).requires_grad_();
    (sparse_weights(test, scores) * tensor(test.at("direction"))).sum().backward();
    expect_close(scores.grad(), tensor(test.at("gradient")), 1e-4);
  }
}

TEST(SparseWeightsTest, AreSparseAndSumToOneInBothNumberTypes) {
  torch::manual_seed(1);
  for (auto type : {torch::kFloat32, torch::kBFloat16}) {
    Tensor scores = (torch::randn({4, 5, 30}) * 4).to(type);
    for (const Tensor& weights : {sparsemax(scores), entmax15(scores)}) {
      EXPECT_EQ(weights.scalar_type(), type);
      double tolerance = type == torch::kFloat32 ? 1e-5 : 2e-2;
      expect_close(weights.to(torch::kFloat32).sum(-1), torch::ones({4, 5}), tolerance);
      EXPECT_GT((weights == 0).sum().item<int64_t>(), 4 * 5 * 15);
    }
  }
}

// Rows enough for frequencies of draws to be near their probabilities.
constexpr int64_t kRows = 20000;

ModelConfig hard_config(const std::string& estimator, double share) {
  ModelConfig config = tiny::recurrent_config();
  config.attention_weights = "hard";
  config.hard_estimator = *config.hard_estimator.find(estimator);
  config.hard_share = share;
  return config;
}

Tensor row_of_scores() { return torch::tensor({0.5, -1.0, kMinusInfinity, 1.0, 0.0}); }

TEST(HardWeightsTest, DrawsFollowTheSoftmax) {
  kernels::dropout_state() = {5, 0};
  Tensor scores = row_of_scores().to(torch::kFloat32).expand({kRows, 1, 5});
  for (const char* estimator : {"score_function", "gumbel"}) {
    SCOPED_TRACE(estimator);
    auto weights = make_attention_weights("hard", hard_config(estimator, 1));
    Tensor drawn = (*weights)(scores, Phase::kTraining).weights;
    expect_close(drawn.sum(-1), torch::ones({kRows, 1}), 1e-6);
    expect_close(drawn.amax(-1), torch::ones({kRows, 1}), 1e-6);
    expect_close(drawn.mean(0)[0], torch::softmax(scores[0][0], -1), 0.02);
  }
}

TEST(HardWeightsTest, TheBestPositionHasAllWeightInEvaluation) {
  for (const char* estimator : {"score_function", "gumbel"}) {
    auto weights = make_attention_weights("hard", hard_config(estimator, 0.5));
    Tensor scores = row_of_scores().view({1, 1, 5});
    Tensor expected = torch::tensor({0.0, 0.0, 0.0, 1.0, 0.0}, torch::kFloat64);
    EXPECT_TRUE(torch::equal((*weights)(scores, Phase::kEvaluation).weights[0][0], expected));
  }
}

TEST(HardWeightsTest, LogProbabilityAndEntropyAreThoseOfTheDraw) {
  kernels::dropout_state() = {6, 0};
  torch::manual_seed(2);
  Tensor scores = torch::randn({50, 3, 7});
  auto weights = make_attention_weights("hard", hard_config("score_function", 1));
  WeightsResult result = (*weights)(scores, Phase::kTraining);
  Tensor log_soft = torch::log_softmax(scores, -1);
  expect_close(result.log_probability, (log_soft * result.weights).sum(-1), 1e-5);
  expect_close(result.entropy, -(log_soft.exp() * log_soft).sum(-1), 1e-5);
}

TEST(HardWeightsTest, TheShareSaysHowManySentencesAreDrawn) {
  kernels::dropout_state() = {7, 0};
  Tensor scores = row_of_scores().to(torch::kFloat32).expand({kRows, 1, 5});
  auto soft = make_attention_weights("hard", hard_config("score_function", 0));
  WeightsResult none = (*soft)(scores, Phase::kTraining);
  expect_close(none.weights, torch::softmax(scores, -1), 1e-6);
  EXPECT_EQ(none.log_probability.abs().sum().item<float>(), 0.0f);
  auto some = make_attention_weights("hard", hard_config("score_function", 0.25));
  Tensor weights = (*some)(scores, Phase::kTraining).weights;
  EXPECT_NEAR((weights.amax(-1) == 1).to(torch::kFloat32).mean().item<float>(), 0.25, 0.02);
}

// The mean of (reward - baseline) grad log P(draw) is the gradient of the mean reward, whatever the
// baseline.
TEST(HardWeightsTest, TheScoreFunctionEstimateHasTheExactGradientAsItsMean) {
  kernels::dropout_state() = {8, 0};
  Tensor reward = torch::tensor({1.0f, -2.0f, 0.0f, 0.5f, 3.0f});
  Tensor probability = torch::softmax(row_of_scores().to(torch::kFloat32), -1);
  Tensor exact = probability * (reward - (probability * reward).sum());
  auto weights = make_attention_weights("hard", hard_config("score_function", 1));
  for (double baseline : {0.0, 0.7}) {
    Tensor scores = row_of_scores().to(torch::kFloat32).requires_grad_();
    WeightsResult result = (*weights)(scores.expand({kRows, 1, 5}), Phase::kTraining);
    Tensor got = (result.weights.detach() * reward).sum(-1) - baseline;
    (got * result.log_probability).mean().backward();
    expect_close(scores.grad(), exact, 0.05);
  }
}

TEST(HardWeightsTest, GumbelsGradientIsThatOfItsSoftmax) {
  kernels::dropout_state() = {9, 0};
  torch::manual_seed(3);
  Tensor scores = torch::randn({4, 2, 6}).requires_grad_(), direction = torch::randn({4, 2, 6});
  ModelConfig config = hard_config("gumbel", 1);
  config.hard_temperature = 2;
  auto weights = make_attention_weights("hard", config);
  ((*weights)(scores, Phase::kTraining).weights * direction).sum().backward();
  // The same draw again.
  kernels::dropout_state() = {9, 0};
  Tensor uniform = torch::rand({4, 2, 6}, kernels::next_generator());
  Tensor perturbed = (scores.detach() - (-uniform.log()).log()).requires_grad_();
  (torch::softmax(perturbed / 2, -1) * direction).sum().backward();
  expect_close(scores.grad(), perturbed.grad(), 1e-5);
}

TEST(HardWeightsTest, IsSoftUntilDrawingBegins) {
  Tensor scores = row_of_scores().to(torch::kFloat32).expand({9, 1, 5});
  for (const char* estimator : {"score_function", "gumbel"}) {
    auto weights = make_attention_weights("hard", hard_config(estimator, 1));
    weights->set_drawing(false);
    WeightsResult soft = (*weights)(scores, Phase::kTraining);
    expect_close(soft.weights, torch::softmax(scores, -1), 1e-6);
    EXPECT_FALSE(soft.log_probability.defined());
    expect_close((*weights)(scores, Phase::kEvaluation).weights.amax(-1), torch::ones({9, 1}));
    weights->set_drawing(true);
    expect_close((*weights)(scores, Phase::kTraining).weights.amax(-1), torch::ones({9, 1}), 1e-6);
  }
}

TEST(HardWeightsTest, DrawsAreAFunctionOfTheSavedState) {
  auto weights = make_attention_weights("hard", hard_config("score_function", 0.5));
  Tensor scores = torch::zeros({30, 4, 9});
  auto draw = [&] { return (*weights)(scores, Phase::kTraining).weights; };
  kernels::dropout_state() = {3, 40};
  Tensor first = draw(), second = draw();
  EXPECT_FALSE(torch::equal(first, second));
  kernels::dropout_state() = {3, 40};
  EXPECT_TRUE(torch::equal(draw(), first));
}

}  // namespace
}  // namespace heed
