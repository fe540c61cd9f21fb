#include "training/objective.h"

#include <gtest/gtest.h>

#include <cmath>

#include "config/options.h"
#include "model/tiny_model.h"

namespace heed {
namespace {

TEST(CrossEntropy, IsTheLossOfTheConfigurationsOptions) {
  auto model = tiny::random_model(tiny::transformer_config());
  Batch batch = tiny::batch(tiny::random_sentences(3, 5, 1), tiny::random_sentences(3, 5, 2));
  TrainingConfig config = default_config().training;
  for (double smoothing : {0.0, 0.2}) {
    config.label_smoothing = smoothing;
    Loss loss = CrossEntropy(config).loss(*model, batch, {1, 0});
    Loss expected =
        compute_loss(*model, to_tensors(batch, model->options()), {.smoothing = smoothing});
    EXPECT_EQ(loss.smoothed_sum, expected.smoothed_sum);
    EXPECT_EQ(loss.log_likelihood, expected.log_likelihood);
    EXPECT_EQ(loss.tokens, expected.tokens);
  }
}

TEST(CrossEntropy, DrawsByItsArgumentAlone) {
  ModelConfig dropping = tiny::transformer_config();
  dropping.dropout = 0.4;
  auto model = tiny::random_model(dropping);
  model->train();
  Batch batch = tiny::batch(tiny::random_sentences(3, 5, 1), tiny::random_sentences(3, 5, 2));
  CrossEntropy objective(default_config().training);
  auto loss = [&](Draws draws) { return objective.loss(*model, batch, draws).smoothed_sum; };
  double first = loss({1, 0});
  EXPECT_NE(loss({1, 1}), first);
  EXPECT_NE(loss({2, 0}), first);
  EXPECT_EQ(loss({1, 0}), first);
}

TEST(CrossEntropy, RemembersWhatAPieceIsWorthOfLate) {
  CrossEntropy objective(default_config().training);
  EXPECT_EQ(objective.memory(), 0);
  objective.remember({.log_likelihood = -40, .tokens = 10});
  EXPECT_DOUBLE_EQ(objective.memory(), -0.4);
  objective.remember({.log_likelihood = std::nan(""), .tokens = 10});
  EXPECT_DOUBLE_EQ(objective.memory(), -0.4);
  objective.set_memory(-2);
  objective.remember({.log_likelihood = -10, .tokens = 10});
  EXPECT_DOUBLE_EQ(objective.memory(), -1.9);
}

}  // namespace
}  // namespace heed
