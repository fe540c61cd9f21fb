#include "model/noise.h"

#include <gtest/gtest.h>

#include "kernels/embedding.h"
#include "model/golden.h"
#include "model/loss.h"
#include "model/tiny_model.h"

namespace heed {
namespace {

BatchTensors padded_batch(const Seq2Seq& model) {
  return to_tensors(tiny::batch({{4, 5, 6}, {7}}, {{8}, {4, 6, 5}}), model.options());
}

TEST(Twice, IsTheBatchBelowItself) {
  for (auto [name, config] : tiny::all_configs()) {
    SCOPED_TRACE(name);
    if (config.attention_weights == "hard") continue;  // draws for each row
    torch::NoGradGuard no_gradient;
    auto model = tiny::random_model(config);
    BatchTensors one = padded_batch(*model), two = twice(one);
    Tensor once = tiny::forward(*model, one), both = tiny::forward(*model, two);
    ASSERT_EQ(both.size(0), 4);
    golden::expect_close(both.slice(0, 0, 2), once, 1e-5);
    golden::expect_close(both.slice(0, 2), once, 1e-5);
    Tensor places = two.target_positions, first = one.target_positions;
    EXPECT_TRUE(places.slice(0, 0, 6).equal(first));
    EXPECT_TRUE(places.slice(0, 6).equal(first + one.target_input.numel()));
    EXPECT_EQ(two.tokens, one.tokens);
    EXPECT_TRUE(two.target_output.equal(one.target_output));
  }
}

TEST(Twice, WithoutPaddingThereAreNoPositions) {
  auto model = tiny::random_model(tiny::transformer_config());
  BatchTensors one = to_tensors(tiny::batch({{4, 5}}, {{8, 4}}), model->options());
  EXPECT_FALSE(twice(one).target_positions.defined());
  EXPECT_FALSE(twice(one).source.padding.defined());
}

// Of these ids on both sides.
BatchTensors batch_of(const Tensor& ids) {
  BatchTensors batch{};
  batch.source.ids = batch.target_input = ids;
  return batch;
}

TEST(CutPieces, CutsItsShareOfItsRows) {
  Tensor ids = torch::full({40, 50}, 7, torch::kLong);
  BatchTensors batch = batch_of(ids);
  begin_draws({3, 1});
  cut_pieces(batch, 0.2, 10);
  for (const Tensor& x : {batch.source.ids, batch.target_input}) {
    EXPECT_TRUE(x.slice(0, 0, 10).equal(ids.slice(0, 0, 10)));
    Tensor cut = x.slice(0, 10) == kernels::kNothing;
    EXPECT_TRUE((cut | (x.slice(0, 10) == 7)).all().item<bool>());
    EXPECT_NEAR(cut.to(torch::kFloat32).mean().item<double>(), 0.2, 0.04);
  }
  EXPECT_FALSE(batch.source.ids.equal(batch.target_input));
}

TEST(CutPieces, IsAFunctionOfTheDraws) {
  Tensor ids = torch::full({8, 9}, 7, torch::kLong);
  auto cut = [&](Draws draws) {
    BatchTensors batch = batch_of(ids);
    begin_draws(draws);
    cut_pieces(batch, 0.5);
    return batch.source.ids;
  };
  EXPECT_TRUE(cut({1, 2}).equal(cut({1, 2})));
  EXPECT_FALSE(cut({1, 2}).equal(cut({1, 3})));
  EXPECT_FALSE(cut({1, 2}).equal(cut({2, 2})));
}

// What the model cannot see changes nothing.
TEST(CutPieces, LeavesNothingOfAPiece) {
  for (const auto& config : {tiny::transformer_config(), tiny::recurrent_config()}) {
    torch::NoGradGuard no_gradient;
    auto model = tiny::random_model(config);
    BatchTensors one = padded_batch(*model), other = one;
    other.source.ids = one.source.ids.clone();
    other.source.ids[0][1] = 9;
    Tensor before = tiny::forward(*model, one);
    EXPECT_GT(golden::largest_difference(tiny::forward(*model, other), before), 1e-3);
    for (BatchTensors* batch : {&one, &other}) {
      batch->source.ids = batch->source.ids.clone();
      batch->source.ids[0][1] = kernels::kNothing;
    }
    EXPECT_TRUE(tiny::forward(*model, other).equal(tiny::forward(*model, one)));
  }
}

}  // namespace
}  // namespace heed
