#include "model/self_attention.h"

#include <gtest/gtest.h>

#include "model/golden.h"
#include "model/tiny_model.h"

namespace heed {
namespace {

using golden::expect_close;

struct Kind {
  std::string name, self_attention, positions = "sinusoidal", weights = "softmax";
};

ModelConfig config_of(const Kind& kind, int64_t heads = 2) {
  ModelConfig config = tiny::transformer_config();
  config.heads = heads;
  config.self_attention = *config.self_attention.find(kind.self_attention);
  config.positions = *config.positions.find(kind.positions);
  config.self_attention_weights = *config.self_attention_weights.find(kind.weights);
  config.self_attention_window = 2;
  config.relative_reach = 3;
  return config;
}

Tensor run(const SelfAttention& attention, const Tensor& x, const Tensor& padding = {},
           Tensor* weights = nullptr) {
  return attention.forward(x, attention.mask(padding, x.size(1), x.options()), weights);
}

class SelfAttentionTest : public testing::TestWithParam<Kind> {};

TEST_P(SelfAttentionTest, StepsWithACacheEqualTheWhole) {
  for (int64_t heads : {1, 2, 4}) {
    torch::manual_seed(4);
    torch::NoGradGuard no_gradient;
    auto attention = make_self_attention(config_of(GetParam(), heads), Sight::kBefore);
    attention->eval();
    Tensor x = torch::randn({3, 7, 8});
    Tensor whole = run(*attention, x);
    SelfCache cache = attention->empty_cache(3);
    for (int64_t t = 0; t < 7; ++t) {
      attention->extend(cache);
      Tensor step = attention->step(x.slice(1, t, t + 1), t, cache);
      expect_close(step, whole.slice(1, t, t + 1), 2e-5);
    }
  }
}

TEST_P(SelfAttentionTest, WhatComesLaterIsHidden) {
  torch::manual_seed(5);
  auto attention = make_self_attention(config_of(GetParam()), Sight::kBefore);
  Tensor x = torch::randn({1, 4, 8}), changed = x.clone();
  changed[0][3].add_(1);
  Tensor a = run(*attention, x), b = run(*attention, changed);
  expect_close(a.slice(1, 0, 3), b.slice(1, 0, 3), 1e-6);
  EXPECT_GT(golden::largest_difference(a[0][3], b[0][3]), 1e-3);
}

TEST_P(SelfAttentionTest, PaddingChangesNothing) {
  torch::manual_seed(6);
  auto attention = make_self_attention(config_of(GetParam()), Sight::kAll);
  Tensor x = torch::randn({2, 6, 8});
  Tensor padding = torch::zeros({2, 1, 6});
  padding[1].slice(1, 4).fill_(-std::numeric_limits<float>::infinity());
  Tensor together = run(*attention, x, padding);
  expect_close(together[0], run(*attention, x.slice(0, 0, 1))[0], 1e-5);
  expect_close(together[1].slice(0, 0, 4), run(*attention, x.slice(0, 1, 2).slice(1, 0, 4))[0],
               1e-5);
}

TEST_P(SelfAttentionTest, WeightsThatAreAskedForSumToOneOverWhatIsSeen) {
  torch::manual_seed(7);
  for (Sight sight : {Sight::kAll, Sight::kBefore}) {
    auto attention = make_self_attention(config_of(GetParam()), sight);
    Tensor weights;
    run(*attention, torch::randn({2, 6, 8}), {}, &weights);
    ASSERT_EQ(weights.sizes(), (std::vector<int64_t>{2, 2, 6, 6}));
    expect_close(weights.sum(-1), torch::ones({2, 2, 6}), 1e-5);
    if (sight == Sight::kAll) continue;
    EXPECT_EQ(weights.triu(1).abs().sum().item<float>(), 0.0f);
  }
}

INSTANTIATE_TEST_SUITE_P(All, SelfAttentionTest,
                         testing::Values(Kind{"full", "full"}, Kind{"local", "local"},
                                         Kind{"linear", "linear"},
                                         Kind{"relative", "full", "relative"},
                                         Kind{"local_relative", "local", "relative"},
                                         Kind{"rotary", "full", "rotary"},
                                         Kind{"local_rotary", "local", "rotary"},
                                         Kind{"sparsemax", "full", "sinusoidal", "sparsemax"},
                                         Kind{"entmax15", "full", "sinusoidal", "entmax15"}),
                         [](const auto& test) { return test.param.name; });

TEST(LocalSelfAttentionTest, SeesTheWindowAndKeepsNoMore) {
  torch::manual_seed(8);
  auto attention = make_self_attention(config_of({"local", "local"}), Sight::kBefore);
  Tensor x = torch::randn({1, 9, 8}), changed = x.clone();
  changed[0][3].add_(1);
  Tensor difference = (run(*attention, x) - run(*attention, changed)).abs().amax(-1)[0];
  EXPECT_LT(difference.slice(0, 6).max().item<float>(), 1e-6);
  EXPECT_GT(difference.slice(0, 3, 6).min().item<float>(), 1e-5);
  SelfCache cache = attention->empty_cache(1);
  for (int64_t t = 0; t < 9; ++t) {
    attention->extend(cache);
    attention->step(x.slice(1, t, t + 1), t, cache);
  }
  EXPECT_EQ(cache.origins.size(1), 3);
}

// phi(q)^T phi(k), written out for every pair (Katharopoulos et al., 2020, equation 9), over more
// pieces than one chunk holds.
TEST(LinearSelfAttentionTest, EqualsItsDefinition) {
  torch::manual_seed(9);
  for (Sight sight : {Sight::kAll, Sight::kBefore}) {
    auto attention = make_self_attention(config_of({"linear", "linear"}, 1), sight);
    Tensor x = torch::randn({2, 150, 8}) * 2;
    auto p = attention->named_parameters();
    auto parts =
        torch::linear(x, p["query_key_value.weight"], p["query_key_value.bias"]).chunk(3, -1);
    Tensor products =
        torch::matmul(torch::elu(parts[0]) + 1, (torch::elu(parts[1]) + 1).transpose(1, 2));
    if (sight == Sight::kBefore) products = products.tril();
    Tensor context = torch::matmul(products / products.sum(-1, true), parts[2]);
    Tensor expected = torch::linear(context, p["output.weight"], p["output.bias"]);
    Tensor weights;
    expect_close(run(*attention, x, {}, &weights), expected, 2e-5);
    expect_close(weights.squeeze(1), products / products.sum(-1, true), 1e-5);
  }
}

TEST(LinearSelfAttentionTest, TheStateOfAStepDoesNotGrow) {
  torch::NoGradGuard no_gradient;
  auto attention = make_self_attention(config_of({"linear", "linear"}), Sight::kBefore);
  SelfCache cache = attention->empty_cache(3);
  auto before = cache.sums.sizes().vec();
  for (int64_t t = 0; t < 5; ++t) attention->step(torch::randn({3, 1, 8}), t, cache);
  EXPECT_EQ(cache.sums.sizes().vec(), before);
  EXPECT_EQ(before, (std::vector<int64_t>{3, 2, 4, 5}));
}

// Equations 3 to 5 of Shaw et al. (2018), pair by pair.
TEST(RelativePositionsTest, EqualTheirDefinition) {
  torch::manual_seed(10);
  RelativePositions relative(2, 4);
  auto p = relative.named_parameters();
  Tensor queries = torch::randn({1, 5, 4});
  Tensor weights = torch::softmax(torch::randn({1, 5, 5}), -1);
  Tensor buckets = relative.buckets(5, 5);
  Tensor scores = relative.scores(queries, buckets), context = relative.context(weights, buckets);
  for (int64_t i = 0; i < 5; ++i) {
    Tensor expected = torch::zeros({4});
    for (int64_t j = 0; j < 5; ++j) {
      int64_t distance = std::clamp<int64_t>(j - i, -2, 2) + 2;
      EXPECT_NEAR(scores[0][i][j].item<float>(),
                  queries[0][i].dot(p["keys"][distance]).item<float>(), 1e-5);
      expected += weights[0][i][j] * p["values"][distance];
    }
    expect_close(context[0][i], expected, 1e-5);
  }
  // One query beside the last of five keys.
  EXPECT_TRUE(torch::equal(relative.buckets(1, 5)[0], buckets[4]));
}

TEST(RotaryPositionsTest, ProductsDependOnTheDistanceAlone) {
  torch::manual_seed(11);
  Tensor query = torch::randn({1, 1, 6}), key = torch::randn({1, 1, 6});
  auto product = [&](int64_t i, int64_t j) {
    return (rotate_positions(query, i) * rotate_positions(key, j)).sum().item<double>();
  };
  EXPECT_NEAR(product(3, 1), product(9, 7), 1e-5);
  EXPECT_NEAR(product(0, 5), product(20, 25), 1e-5);
  EXPECT_GT(std::abs(product(3, 1) - product(3, 2)), 1e-4);
  EXPECT_NEAR(rotate_positions(query, 17).norm().item<double>(), query.norm().item<double>(), 1e-5);
  EXPECT_TRUE(torch::equal(rotate_positions(query, 0), query));
}

}  // namespace
}  // namespace heed
