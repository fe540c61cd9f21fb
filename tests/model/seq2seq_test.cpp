#include "model/seq2seq.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/golden.h"
#include "model/recurrent.h"
#include "model/tiny_model.h"
#include "model/transformer.h"
#include "util/error.h"

namespace heed {
namespace {

using golden::expect_close;

class Seq2SeqTest : public testing::TestWithParam<tiny::NamedConfig> {
 protected:
  Seq2SeqTest() : model_(tiny::random_model(GetParam().config)) {}
  torch::NoGradGuard no_gradient_;
  std::shared_ptr<Seq2Seq> model_;

  DecoderState start(const std::vector<tiny::Sentence>& source) {
    return model_->start(model_->encode(to_tensors(tiny::sources(source), *model_)));
  }
  // Logits after the begin symbol and `prefix`, of a sentence alone.
  Tensor logits_after(const tiny::Sentence& source, const tiny::Sentence& prefix) {
    DecoderState state = start({source});
    Tensor logits =
        model_->step(torch::tensor({{SpecialIds{}.begin}}, torch::kInt64), state).logits;
    for (int32_t id : prefix)
      logits = model_->step(torch::tensor({{id}}, torch::kInt64), state).logits;
    return logits[0];
  }
};

TEST_P(Seq2SeqTest, TeacherForcingEqualsSteps) {
  auto source = tiny::random_sentences(4, 6, 31), target = tiny::random_sentences(4, 7, 32);
  BatchTensors batch = to_tensors(tiny::batch(source, target), *model_);
  Tensor states = tiny::forward(*model_, batch);
  Tensor expected = torch::linear(states, model_->output_weight(), model_->output_bias());
  DecoderState state = start(source);
  for (int64_t t = 0; t < batch.target_input.size(1); ++t) {
    StepOutput output = model_->step(batch.target_input.slice(1, t, t + 1), state);
    EXPECT_EQ(state.position, t + 1);
    expect_close(output.logits, expected.select(1, t), 5e-5);
    ASSERT_EQ(output.attention.sizes(), (std::vector<int64_t>{4, 1, batch.source.ids.size(1)}));
    if (GetParam().config.attention_scope != "local_p")
      expect_close(output.attention.sum(2), torch::ones({4, 1}));
    EXPECT_EQ((output.attention * (batch.source.padding < 0)).sum().item<float>(), 0.0f);
  }
}

TEST_P(Seq2SeqTest, PaddingChangesNothing) {
  std::vector<tiny::Sentence> source = {{4}, {5, 6, 7, 8, 9, 10, 4}, {10, 9, 4}};
  Encoded together = model_->encode(to_tensors(tiny::sources(source), *model_));
  for (size_t i = 0; i < source.size(); ++i) {
    Encoded alone = model_->encode(to_tensors(tiny::sources({source[i]}), *model_));
    auto row = static_cast<int64_t>(i), length = static_cast<int64_t>(source[i].size()) + 1;
    expect_close(together.states[row].slice(0, 0, length), alone.states[0], 2e-5);
    for (size_t layer = 0; layer < alone.finals.size(); ++layer) {
      expect_close(together.finals[layer][row], alone.finals[layer][0], 2e-5);
    }
  }
}

TEST_P(Seq2SeqTest, WhatComesLaterInTheTargetChangesNothingBefore) {
  std::vector<tiny::Sentence> source = {{4, 5, 6}};
  Tensor a = tiny::forward(*model_, to_tensors(tiny::batch(source, {{4, 5, 6, 7}}), *model_));
  Tensor b = tiny::forward(*model_, to_tensors(tiny::batch(source, {{4, 5, 9, 8}}), *model_));
  expect_close(a.slice(1, 0, 3), b.slice(1, 0, 3), 1e-6);
  EXPECT_GT(golden::largest_difference(a.select(1, 3), b.select(1, 3)), 1e-3);
}

TEST_P(Seq2SeqTest, SourceMattersAtEveryPosition) {
  if (!tiny::is_soft(GetParam().config)) return;  // some positions have no weight
  tiny::Sentence source = {4, 5, 6, 7};
  Tensor logits = logits_after(source, {8});
  for (size_t i = 0; i < source.size(); ++i) {
    tiny::Sentence changed = source;
    changed[i] = 10;
    EXPECT_GT(golden::largest_difference(logits, logits_after(changed, {8})), 1e-5) << i;
  }
}

// A beam of 3 over 2 sentences, moved about between steps, gives each row what its prefix gives
// alone; then the first sentence leaves.
TEST_P(Seq2SeqTest, BeamRowsAreSentencesOfTheirOwn) {
  std::vector<tiny::Sentence> source = {{4, 5, 6, 7, 8}, {9, 10}};
  DecoderState state = start(source);
  model_->step(torch::full({2, 1}, SpecialIds{}.begin, torch::kInt64), state);
  model_->reorder(state, torch::tensor({0, 0, 0, 1, 1, 1}), {});
  model_->step(torch::tensor({{4, 5, 6}, {7, 8, 9}}), state);
  model_->reorder(state, torch::tensor({2, 0, 2, 4, 5, 3}), {});
  Tensor logits = model_->step(torch::tensor({{10, 9, 8}, {4, 5, 6}}), state).logits;
  std::vector<tiny::Sentence> prefixes = {{6, 10}, {4, 9}, {6, 8}, {8, 4}, {9, 5}, {7, 6}};
  ASSERT_EQ(logits.size(0), 6);
  for (int64_t row = 0; row < 6; ++row) {
    expect_close(logits[row], logits_after(source[row / 3], prefixes[row]), 5e-5);
  }
  model_->reorder(state, torch::tensor({5, 3}), torch::tensor({1}));
  StepOutput last = model_->step(torch::tensor({{7, 7}}), state);
  ASSERT_EQ(last.attention.sizes(), (std::vector<int64_t>{1, 2, 6}));
  expect_close(last.logits[0], logits_after(source[1], {7, 6, 7}), 5e-5);
  expect_close(last.logits[1], logits_after(source[1], {8, 4, 7}), 5e-5);
}

TEST_P(Seq2SeqTest, SameSeedSameWeights) {
  torch::manual_seed(9);
  auto a = make_model(GetParam().config, {11, 11}, 20);
  torch::manual_seed(9);
  auto b = make_model(GetParam().config, {11, 11}, 20);
  auto expected = b->named_parameters();
  ASSERT_GT(expected.size(), 5u);
  for (const auto& item : a->named_parameters()) {
    EXPECT_TRUE(torch::equal(item.value(), expected[item.key()])) << item.key();
  }
}

INSTANTIATE_TEST_SUITE_P(All, Seq2SeqTest, testing::ValuesIn(tiny::all_configs()),
                         [](const auto& test) { return test.param.name; });

TEST(MakeModelTest, ArchitectureChoosesTheClass) {
  auto transformer = tiny::random_model(tiny::transformer_config());
  auto recurrent = tiny::random_model(tiny::recurrent_config());
  EXPECT_NE(dynamic_cast<Transformer*>(transformer.get()), nullptr);
  EXPECT_NE(dynamic_cast<Recurrent*>(recurrent.get()), nullptr);
}

TEST(MakeModelTest, TyingSharesOneTable) {
  for (ModelConfig config : {tiny::transformer_config(), tiny::recurrent_config()}) {
    for (bool source_target : {true, false}) {
      for (bool softmax : {true, false}) {
        config.tie_source_target = source_target;
        config.tie_softmax = softmax;
        auto names = tiny::random_model(config)->named_parameters();
        EXPECT_EQ(names.contains("vocabulary.target.weight"), !source_target);
        EXPECT_EQ(names.contains("vocabulary.output_weight"), !softmax);
      }
    }
  }
}

TEST(MakeModelTest, VocabulariesMayDiffer) {
  for (ModelConfig config : {tiny::transformer_config(), tiny::recurrent_config()}) {
    config.tie_source_target = config.tie_softmax = false;
    auto model = tiny::random_model(config, {12, 7});
    EXPECT_EQ(model->output_weight().size(0), 7);
    BatchTensors batch = to_tensors(tiny::batch({{11, 4}}, {{6, 5, 4}}), *model);
    EXPECT_EQ(tiny::forward(*model, batch).size(1), 4);
  }
}

TEST(ToTensorsTest, ABatchBecomesIdsPositionsAndPadding) {
  auto model = tiny::random_model(tiny::transformer_config());
  BatchTensors batch = to_tensors(tiny::batch({{5, 6, 7}, {8}}, {{9}, {10, 4}}), *model);
  EXPECT_TRUE(torch::equal(batch.source.ids, torch::tensor({{5, 6, 7, 3}, {8, 3, 0, 0}})));
  EXPECT_TRUE(torch::equal(batch.source.lengths, torch::tensor({4, 2})));
  EXPECT_TRUE(torch::equal(torch::isinf(batch.source.padding),
                           torch::tensor({0, 0, 0, 0, 0, 0, 1, 1}).view({2, 1, 4}) == 1));
  EXPECT_TRUE(torch::equal(batch.target_input, torch::tensor({{2, 9, 0}, {2, 10, 4}})));
  EXPECT_TRUE(torch::equal(batch.target_output, torch::tensor({9, 3, 10, 4, 3})));
  EXPECT_TRUE(torch::equal(batch.target_positions, torch::tensor({0, 1, 3, 4, 5})));
  EXPECT_EQ(batch.tokens, 5);
}

TEST(ToTensorsTest, WithoutPaddingThereIsNoMask) {
  auto model = tiny::random_model(tiny::transformer_config());
  BatchTensors batch = to_tensors(tiny::batch({{5}, {8}}, {{9, 4}, {10, 4}}), *model);
  EXPECT_FALSE(batch.source.padding.defined());
  EXPECT_FALSE(batch.target_positions.defined());
  model->to(torch::kBFloat16);
  BatchTensors padded = to_tensors(tiny::batch({{5, 6}, {8}}, {{9}, {10}}), *model);
  EXPECT_EQ(padded.source.padding.scalar_type(), torch::kBFloat16);
}

TEST(CheckShapeTest, ErrorsNameBothShapes) {
  Tensor keys = torch::zeros({4, 7, 32});
  EXPECT_NO_THROW(check_shape("keys", keys, {4, 7, 32}));
  EXPECT_NO_THROW(check_shape("keys", keys, {-1, 7, -1}));
  EXPECT_THAT(
      [&] {
        check_shape("keys", keys, {4, 7, 64});
      },
      testing::ThrowsMessage<Error>("keys: expected [4, 7, 64], got [4, 7, 32]"));
  EXPECT_THAT(
      [&] {
        check_shape("keys", keys, {4, -1});
      },
      testing::ThrowsMessage<Error>("keys: expected [4, -1], got [4, 7, 32]"));
}

}  // namespace
}  // namespace heed
