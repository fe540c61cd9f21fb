#include "model/attention.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/golden.h"
#include "model/tiny_model.h"
#include "util/error.h"

namespace heed {
namespace {

using golden::expect_close;
using golden::tensor;

AttentionSizes sizes_of(const golden::Json& test) {
  return {test.at("query"), test.at("key"), test.at("attention")};
}

TEST(AttentionTest, ScoresEqualPyTorchs) {
  for (const auto& test : golden::load("attention.json")) {
    SCOPED_TRACE(test.at("kind").get<std::string>());
    auto score = make_attention_score(test.at("kind"), sizes_of(test));
    golden::set_parameters(*score, test.at("parameters"));
    Tensor prepared = score->prepare(tensor(test.at("keys")));
    expect_close(score->score(tensor(test.at("queries")), prepared), tensor(test.at("scores")));
  }
}

TEST(AttentionTest, WeightsAndContextEqualPyTorchs) {
  for (const auto& test : golden::load("attention.json")) {
    SCOPED_TRACE(test.at("kind").get<std::string>());
    ModelConfig config = tiny::recurrent_config();
    config.attention_score = test.at("kind");
    Attention attention(config, sizes_of(test));
    golden::Json named;
    for (const auto& [name, value] : test.at("parameters").items()) named["score." + name] = value;
    golden::set_parameters(attention, named);
    auto memory = attention.prepare(tensor(test.at("keys")), tensor(test.at("padding")));
    AttentionResult result = attention(tensor(test.at("queries")), memory);
    expect_close(result.weights, tensor(test.at("weights")));
    expect_close(result.context, tensor(test.at("context")));
  }
}

TEST(AttentionTest, PaddingGetsNoWeightWhateverStandsThere) {
  for (const char* kind : {"additive", "dot", "scaled_dot", "general", "concat"}) {
    SCOPED_TRACE(kind);
    ModelConfig config = tiny::recurrent_config();
    config.attention_score = kind;
    torch::manual_seed(2);
    Attention attention(config, {4, 4, 3});
    Tensor values = torch::randn({1, 3, 4}), queries = torch::randn({1, 2, 4});
    Tensor padded = torch::cat({values, torch::full({1, 2, 4}, 50.0)}, 1);
    Tensor padding = torch::zeros({1, 1, 5});
    padding.slice(2, 3).fill_(-std::numeric_limits<float>::infinity());
    AttentionResult alone = attention(queries, attention.prepare(values, {}));
    AttentionResult together = attention(queries, attention.prepare(padded, padding));
    EXPECT_EQ(together.weights.slice(2, 3).abs().sum().item<float>(), 0.0f);
    expect_close(together.weights.slice(2, 0, 3), alone.weights, 1e-6);
    expect_close(together.context, alone.context, 1e-5);
    expect_close(together.weights.sum(2), torch::ones({1, 2}), 1e-6);
  }
}

TEST(AttentionTest, UnknownKindsAreNamed) {
  ModelConfig config = tiny::recurrent_config();
  AttentionSizes sizes{4, 4, 4};
  auto message = [&] {
    try {
      Attention attention(config, sizes);
    } catch (const UsageError& error) {
      return std::string(error.what());
    }
    return std::string("nothing was thrown");
  };
  config.attention_score = "cosine";
  EXPECT_EQ(message(), "[model] attention_score = cosine: no such kind");
  config = tiny::recurrent_config();
  config.attention_weights = "hard_max";
  EXPECT_EQ(message(), "[model] attention_weights = hard_max: no such kind");
  config = tiny::recurrent_config();
  config.attention_scope = "nearby";
  EXPECT_EQ(message(), "[model] attention_scope = nearby: no such kind");
}

TEST(AttentionTest, QueriesOfAnotherBatchAreRefusedWithBothShapes) {
  Attention attention(tiny::recurrent_config(), {4, 4, 4});
  auto memory = attention.prepare(torch::randn({3, 2, 4}), {});
  EXPECT_THAT(
      [&] {
        attention(torch::randn({2, 1, 4}), memory);
      },
      testing::ThrowsMessage<Error>("attention queries: expected [3, -1, -1], got [2, 1, 4]"));
}

}  // namespace
}  // namespace heed
