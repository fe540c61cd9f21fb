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
    auto score =
        make_attention_score(*ScoreKind::find(test.at("kind").get<std::string>()), sizes_of(test));
    golden::set_parameters(*score, test.at("parameters"));
    Tensor prepared = score->prepare(tensor(test.at("keys")), tensor(test.at("padding")));
    expect_close(score->score(tensor(test.at("queries")), prepared), tensor(test.at("scores")));
  }
}

TEST(AttentionTest, WeightsAndContextEqualPyTorchs) {
  for (const auto& test : golden::load("attention.json")) {
    SCOPED_TRACE(test.at("kind").get<std::string>());
    ModelConfig config = tiny::recurrent_config();
    config.attention_score = *config.attention_score.find(test.at("kind").get<std::string>());
    AttentionSizes sizes = sizes_of(test);
    config.attention_size = sizes.inner;
    Attention attention(config, {sizes.query, sizes.key});
    golden::Json named;
    for (const auto& [name, value] : test.at("parameters").items()) named["score." + name] = value;
    golden::set_parameters(attention, named);
    auto memory = attention.prepare(tensor(test.at("keys")), tensor(test.at("padding")));
    AttentionResult result = attention(tensor(test.at("queries")), memory);
    expect_close(result.weights.squeeze(1), tensor(test.at("weights")));
    expect_close(result.context, tensor(test.at("context")));
  }
}

TEST(AttentionTest, PaddingGetsNoWeightWhateverStandsThere) {
  for (const char* kind :
       {"additive", "dot", "scaled_dot", "general", "concat", "tri", "trilinear"}) {
    SCOPED_TRACE(kind);
    ModelConfig config = tiny::recurrent_config();
    config.attention_score = *config.attention_score.find(kind);
    torch::manual_seed(2);
    Attention attention(config, {4, 4});
    Tensor values = torch::randn({1, 3, 4}), queries = torch::randn({1, 2, 4});
    Tensor padded = torch::cat({values, torch::full({1, 2, 4}, 50.0)}, 1);
    Tensor padding = torch::zeros({1, 1, 5});
    padding.slice(2, 3).fill_(-std::numeric_limits<float>::infinity());
    AttentionResult alone = attention(queries, attention.prepare(values, {}));
    AttentionResult together = attention(queries, attention.prepare(padded, padding));
    EXPECT_EQ(together.weights.slice(3, 3).abs().sum().item<float>(), 0.0f);
    expect_close(together.weights.slice(3, 0, 3), alone.weights, 1e-6);
    expect_close(together.context, alone.context, 1e-5);
    expect_close(together.weights.sum(3), torch::ones({1, 1, 2}), 1e-6);
  }
}

TEST(AttentionTest, HeadsEqualAttentionOfEachAlone) {
  torch::manual_seed(3);
  ModelConfig config = tiny::recurrent_config();
  config.attention_score = "additive";
  Attention attention(config, {8, 8, 2, true});
  Tensor states = torch::randn({2, 5, 8}), queries = torch::randn({2, 3, 8});
  AttentionResult result = attention(queries, attention.prepare(states, {}));
  auto p = attention.named_parameters();
  Tensor query = torch::linear(queries, p["query.weight"], p["query.bias"]);
  auto parts = torch::linear(states, p["key_value.weight"], p["key_value.bias"]).chunk(2, -1);
  std::vector<Tensor> contexts;
  for (int64_t head = 0; head < 2; ++head) {
    Attention alone(config, {4, 4});
    torch::NoGradGuard no_gradient;
    for (auto& item : alone.named_parameters()) item.value().copy_(p[item.key()]);
    auto of_head = [&](const Tensor& x) { return x.slice(2, head * 4, head * 4 + 4); };
    AttentionMemory memory = alone.prepare(of_head(parts[0]), {});
    memory.values = of_head(parts[1]).unsqueeze(1);
    AttentionResult expected = alone(of_head(query), memory);
    expect_close(result.weights.select(1, head), expected.weights.squeeze(1));
    contexts.push_back(expected.context);
  }
  Tensor joined = torch::cat(contexts, -1);
  expect_close(result.context, torch::linear(joined, p["output.weight"], p["output.bias"]));
}

TEST(AttentionTest, CoverageIsTheSumOfTheWeightsBefore) {
  torch::manual_seed(4);
  ModelConfig config = tiny::recurrent_config();
  config.coverage = true;
  Attention attention(config, {4, 4});
  AttentionMemory memory = attention.prepare(torch::randn({2, 5, 4}), {});
  AttentionState state = attention.start(memory);
  Tensor sum = torch::zeros({2, 1, 5}), queries = torch::randn({2, 3, 4});
  for (int64_t t = 0; t < 3; ++t) {
    AttentionResult result = attention.step(queries.slice(1, t, t + 1), memory, t, state);
    Tensor weights = result.weights.squeeze(1);
    expect_close(result.coverage_loss, torch::minimum(weights, sum).sum(-1), 1e-6);
    sum = sum + weights;
    expect_close(state.coverage, sum, 1e-6);
  }
}

TEST(AttentionTest, CoverageChangesTheScores) {
  torch::manual_seed(5);
  for (const char* kind : {"additive", "dot", "general", "concat", "tri", "trilinear"}) {
    SCOPED_TRACE(kind);
    auto score = make_attention_score(*ScoreKind::find(kind), {4, 4, 3, true});
    Tensor prepared = score->prepare(torch::randn({1, 5, 4}), {}), query = torch::randn({1, 1, 4});
    Tensor none = torch::zeros({1, 1, 5}), some = none.clone();
    some[0][0][2] = 1;
    Tensor difference = score->score(query, prepared, some) - score->score(query, prepared, none);
    EXPECT_GT(std::abs(difference[0][0][2].item<float>()), 1e-4);
    difference[0][0][2] = 0;
    EXPECT_LT(difference.abs().max().item<float>(), 1e-6);
    expect_close(score->score(query, prepared, none), score->score(query, prepared, {}), 1e-6);
  }
}

// Each name that a configuration may have is made into a layer.
TEST(AttentionTest, EveryKindIsMade) {
  ModelConfig config = tiny::recurrent_config();
  for (std::string_view name : ScoreKind::names) {
    EXPECT_NE(make_attention_score(*ScoreKind::find(name), AttentionSizes{4, 4, 4}), nullptr)
        << name;
  }
  for (std::string_view name : WeightsKind::names) {
    EXPECT_NE(make_attention_weights(*WeightsKind::find(name), config), nullptr) << name;
  }
  for (std::string_view name : ScopeKind::names) {
    config.attention_scope = *ScopeKind::find(name);
    EXPECT_NE(make_attention_scope(config, AttentionSizes{4, 4, 4}), nullptr) << name;
  }
}

TEST(AttentionTest, QueriesOfAnotherBatchAreRefusedWithBothShapes) {
  Attention attention(tiny::recurrent_config(), {4, 4});
  auto memory = attention.prepare(torch::randn({3, 2, 4}), {});
  EXPECT_THAT(
      [&] {
        attention(torch::randn({2, 1, 4}), memory);
      },
      testing::ThrowsMessage<Error>("attention queries: expected [3, -1, -1], got [2, 1, 4]"));
}

}  // namespace
}  // namespace heed
