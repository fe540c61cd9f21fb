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
};

TEST_P(Seq2SeqTest, WhatComesLaterInTheTargetChangesNothingBefore) {
  std::vector<tiny::Sentence> source = {{4, 5, 6}};
  Tensor a =
      tiny::forward(*model_, to_tensors(tiny::batch(source, {{4, 5, 6, 7}}), model_->options()));
  Tensor b =
      tiny::forward(*model_, to_tensors(tiny::batch(source, {{4, 5, 9, 8}}), model_->options()));
  expect_close(a.slice(1, 0, 3), b.slice(1, 0, 3), 1e-6);
  EXPECT_GT(golden::largest_difference(a.select(1, 3), b.select(1, 3)), 1e-3);
}

TEST_P(Seq2SeqTest, SameSeedSameWeights) {
  torch::manual_seed(9);
  auto a = make_model({GetParam().config, {11, 11}, 20});
  torch::manual_seed(9);
  auto b = make_model({GetParam().config, {11, 11}, 20});
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
    BatchTensors batch = to_tensors(tiny::batch({{11, 4}}, {{6, 5, 4}}), model->options());
    EXPECT_EQ(tiny::forward(*model, batch).size(1), 4);
  }
}

TEST(ToTensorsTest, ABatchBecomesIdsPositionsAndPadding) {
  auto model = tiny::random_model(tiny::transformer_config());
  BatchTensors batch = to_tensors(tiny::batch({{5, 6, 7}, {8}}, {{9}, {10, 4}}), model->options());
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
  BatchTensors batch = to_tensors(tiny::batch({{5}, {8}}, {{9, 4}, {10, 4}}), model->options());
  EXPECT_FALSE(batch.source.padding.defined());
  EXPECT_FALSE(batch.target_positions.defined());
  model->to(torch::kBFloat16);
  BatchTensors padded = to_tensors(tiny::batch({{5, 6}, {8}}, {{9}, {10}}), model->options());
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
