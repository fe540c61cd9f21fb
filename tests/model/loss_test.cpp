#include "model/loss.h"

#include <gtest/gtest.h>

#include <cmath>

#include "kernels/dropout.h"
#include "model/golden.h"
#include "model/tiny_model.h"

namespace heed {
namespace {

struct Sides {
  std::vector<tiny::Sentence> source = tiny::random_sentences(5, 6, 21);
  std::vector<tiny::Sentence> target = tiny::random_sentences(5, 5, 22);
};

BatchTensors whole_batch(const Sides& sides, const Seq2Seq& model) {
  return to_tensors(tiny::batch(sides.source, sides.target), model.options());
}

TEST(LossTest, SentencesAloneAddUpToTheirPaddedBatch) {
  Sides sides;
  for (const auto& [name, config] : tiny::all_configs()) {
    SCOPED_TRACE(name);
    torch::NoGradGuard no_gradient;
    auto model = tiny::random_model(config);
    Loss together = compute_loss(*model, whole_batch(sides, *model), {0.1});
    Loss sum{{}, 0, 0, 0};
    for (size_t i = 0; i < sides.source.size(); ++i) {
      Batch batch = tiny::batch({sides.source[i]}, {sides.target[i]});
      Loss alone = compute_loss(*model, to_tensors(batch, model->options()), {0.1});
      sum.smoothed_sum += alone.smoothed_sum;
      sum.log_likelihood += alone.log_likelihood;
      sum.tokens += alone.tokens;
    }
    EXPECT_EQ(together.tokens, sum.tokens);
    EXPECT_NEAR(together.log_likelihood, sum.log_likelihood, 1e-4);
    EXPECT_NEAR(together.smoothed_sum, sum.smoothed_sum, 1e-4);
  }
}

TEST(LossTest, IsTheCrossEntropyOfTheLogits) {
  Sides sides;
  auto model = tiny::random_model(tiny::transformer_config());
  torch::NoGradGuard no_gradient;
  double log_likelihood = 0;
  int64_t tokens = 0;
  for (size_t i = 0; i < sides.source.size(); ++i) {
    BatchTensors batch =
        to_tensors(tiny::batch({sides.source[i]}, {sides.target[i]}), model->options());
    Tensor logits = torch::linear(tiny::forward(*model, batch)[0], model->output_weight(),
                                  model->output_bias());
    Tensor table = torch::log_softmax(logits, -1);
    for (size_t t = 0; t <= sides.target[i].size(); ++t) {
      bool end = t == sides.target[i].size();
      log_likelihood += table[t][end ? SpecialIds{}.end : sides.target[i][t]].item<double>();
      ++tokens;
    }
  }
  Loss loss = compute_loss(*model, whole_batch(sides, *model), {0});
  EXPECT_EQ(loss.tokens, tokens);
  EXPECT_NEAR(loss.log_likelihood, log_likelihood, 1e-4);
  EXPECT_NEAR(loss.smoothed_sum, -log_likelihood, 1e-4);
}

// The loss after a step of `distance` along `direction`.
double loss_at(Seq2Seq& model, const BatchTensors& batch, Tensor parameter, const Tensor& direction,
               double distance) {
  torch::NoGradGuard no_gradient;
  Tensor before = parameter.clone();
  parameter.add_(direction, distance);
  double loss = compute_loss(model, batch, {0.1}).smoothed_sum;
  parameter.copy_(before);
  return loss;
}

// Along the gradient of each parameter the loss must rise as fast as the gradient is long: a wrong
// entry anywhere in it makes the rise another one. Central differences in float32, with an
// activation that has no kink to step over.
TEST(LossTest, GradientsOfEveryParameterEqualDifferences) {
  Sides sides;
  constexpr double kDistance = 2e-3;
  for (auto& [name, config] : tiny::all_configs()) {
    if (!tiny::is_soft(config) && config.attention_scope != "local_p") continue;  // they jump
    config.activation = "gelu";
    auto model = tiny::random_model(config);
    BatchTensors batch = whole_batch(sides, *model);
    model->zero_grad();
    compute_loss(*model, batch, {0.1}).objective.backward();
    for (auto& item : model->named_parameters()) {
      SCOPED_TRACE(name + " " + item.key());
      Tensor gradient = item.value().grad();
      ASSERT_TRUE(gradient.defined());
      double length = gradient.norm().item<double>();
      Tensor direction = gradient / (length + 1e-12);
      double rise = loss_at(*model, batch, item.value(), direction, kDistance) -
                    loss_at(*model, batch, item.value(), direction, -kDistance);
      EXPECT_NEAR(rise / (2 * kDistance), length, 2e-2 * length + 1e-2);
    }
  }
}

TEST(LossTest, Bfloat16IsNearFloat32) {
  Sides sides;
  for (const auto& [name, config] : tiny::all_configs()) {
    SCOPED_TRACE(name);
    torch::NoGradGuard no_gradient;
    auto model = tiny::random_model(config);
    double exact = compute_loss(*model, whole_batch(sides, *model), {0.1}).smoothed_sum;
    model->to(torch::kBFloat16);
    BatchTensors batch = whole_batch(sides, *model);
    EXPECT_EQ(tiny::forward(*model, batch).scalar_type(), torch::kBFloat16);
    double rounded = compute_loss(*model, batch, {0.1}).smoothed_sum;
    EXPECT_NEAR(rounded, exact, 2e-2 * exact);
  }
}

TEST(LossTest, DropoutIsForTrainingAlone) {
  Sides sides;
  for (const auto& config : {tiny::transformer_config(), tiny::recurrent_config()}) {
    auto model = tiny::random_model(config);
    BatchTensors batch = whole_batch(sides, *model);
    torch::NoGradGuard no_gradient;
    auto loss = [&] { return compute_loss(*model, batch, {0}).smoothed_sum; };
    EXPECT_EQ(loss(), loss());
    model->train();
    EXPECT_NE(loss(), loss());
  }
}

// Gradient of what is added to the loss for a kind of attention, by a parameter of its score.
Tensor added_gradient(const ModelConfig& config, const LossOptions& options) {
  kernels::dropout_state() = {3, 0};
  auto model = tiny::random_model(config);
  model->train();
  BatchTensors batch = whole_batch(Sides(), *model);
  Loss loss = compute_loss(*model, batch, options);
  Tensor parameter = model->named_parameters()["decoder.attention.score.key.weight"];
  return torch::autograd::grad({loss.objective}, {parameter})[0];
}

ModelConfig without_dropout(ModelConfig config) {
  config.attention_score = "general";
  config.dropout = config.embedding_dropout = 0;
  return config;
}

TEST(LossTest, HardAttentionLearnsFromRewardsAboveTheBaseline) {
  ModelConfig config = without_dropout(tiny::recurrent_config());
  config.attention_weights = "hard";
  config.hard_share = 1;
  // Everything is drawn: without the added terms no gradient reaches the scores.
  Tensor low = added_gradient(config, {.smoothing = 0, .reward_baseline = -3});
  Tensor high = added_gradient(config, {.smoothing = 0, .reward_baseline = -1});
  Tensor middle = added_gradient(config, {.smoothing = 0, .reward_baseline = -2});
  EXPECT_GT(low.abs().max().item<float>(), 1e-4);
  golden::expect_close((low + high) / 2, middle, 1e-4);  // linear in the baseline
  Tensor entropy =
      added_gradient(config, {.smoothing = 0, .entropy_weight = 0.5, .reward_baseline = -2});
  EXPECT_GT(golden::largest_difference(entropy, middle), 1e-4);
}

TEST(LossTest, CoverageIsAddedWithItsWeight) {
  ModelConfig config = without_dropout(tiny::recurrent_config());
  config.coverage = true;
  auto model = tiny::random_model(config);
  BatchTensors batch = whole_batch(Sides(), *model);
  auto objective = [&](double weight) {
    return compute_loss(*model, batch, {.coverage_weight = weight}).objective.item<double>();
  };
  double added = objective(1) - objective(0);
  EXPECT_GT(added, 0.1);
  EXPECT_NEAR(objective(0.5) - objective(0), added / 2, 1e-3);
  // A piece can put no more than its own weight of 1 where there was attention before.
  EXPECT_LT(added, static_cast<double>(batch.tokens));
}

TEST(LossTest, GuidedAlignmentIsTheLogarithmOfAttentionOnLinkedPieces) {
  for (const auto& config : {tiny::transformer_config(), tiny::recurrent_config()}) {
    auto model = tiny::random_model(config);
    torch::NoGradGuard no_gradient;
    Batch batch = tiny::batch({{4, 5, 6}}, {{7, 8}});
    batch.alignment.assign(3 * 4, 0);  // T x S with the end symbols
    batch.alignment[0 * 4 + 1] = 1;    // the first piece with the second
    batch.alignment[1 * 4 + 0] = batch.alignment[1 * 4 + 2] = 1;
    BatchTensors tensors = to_tensors(batch, model->options());
    AttentionTrace trace;
    trace.keep_cross = true;
    model->forward(tensors, trace);
    Tensor weights = trace.cross[trace.cross.size() > 1 ? trace.cross.size() - 2 : 0].mean(1)[0];
    double expected = -std::log(weights[0][1].item<double>()) -
                      std::log((weights[1][0] + weights[1][2]).item<double>());
    LossOptions options{.alignment_weight = 0.5};
    double with = compute_loss(*model, tensors, options).objective.item<double>();
    double without = compute_loss(*model, tensors, {}).objective.item<double>();
    EXPECT_NEAR(with - without, 0.5 * expected, 1e-3);
  }
}

}  // namespace
}  // namespace heed
