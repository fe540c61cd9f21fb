#include "model/multihead.h"

#include <gtest/gtest.h>

#include "model/golden.h"
#include "model/tiny_model.h"

namespace heed {
namespace {

using golden::expect_close;

ModelConfig with_heads(int64_t heads) {
  ModelConfig config = tiny::transformer_config();
  config.heads = heads;
  return config;
}

TEST(SelfAttentionTest, StepsWithACacheEqualTheWhole) {
  for (int64_t heads : {1, 2, 8}) {
    torch::manual_seed(4);
    SelfAttention attention(with_heads(heads));
    Tensor x = torch::randn({3, 5, 8});
    Tensor causal = torch::full({1, 1, 5, 5}, -std::numeric_limits<float>::infinity()).triu(1);
    Tensor whole = attention(x, causal);
    Tensor keys = attention.empty_cache(3), values = attention.empty_cache(3);
    for (int64_t t = 0; t < 5; ++t) {
      Tensor step = attention.step(x.slice(1, t, t + 1), keys, values);
      expect_close(step, whole.slice(1, t, t + 1));
    }
    EXPECT_EQ(keys.sizes(), (std::vector<int64_t>{3, heads, 5, 8 / heads}));
  }
}

TEST(SelfAttentionTest, CausalBiasHidesWhatComesLater) {
  torch::manual_seed(5);
  SelfAttention attention(with_heads(2));
  Tensor causal = torch::full({1, 1, 4, 4}, -std::numeric_limits<float>::infinity()).triu(1);
  Tensor x = torch::randn({1, 4, 8}), changed = x.clone();
  changed[0][3].add_(1);
  Tensor a = attention(x, causal), b = attention(changed, causal);
  EXPECT_TRUE(torch::equal(a.slice(1, 0, 3), b.slice(1, 0, 3)));
  EXPECT_FALSE(torch::equal(a, b));
}

TEST(SelfAttentionTest, DotIsNotScaled) {
  ModelConfig scaled = with_heads(2), plain = with_heads(2);
  plain.attention_score = "dot";
  torch::manual_seed(6);
  SelfAttention a(scaled), b(plain);
  torch::NoGradGuard no_gradient;
  for (auto& item : b.named_parameters()) item.value().copy_(a.named_parameters()[item.key()]);
  // Queries twice as large are what the scale 1 / sqrt(4) takes back.
  a.named_parameters()["query_key_value.weight"].slice(0, 0, 8).mul_(2);
  Tensor x = torch::randn({2, 3, 8});
  expect_close(a(x, {}), b(x, {}));
}

TEST(CrossAttentionTest, WeightsAreTheMeanOverHeadsAndSumToOne) {
  torch::manual_seed(7);
  CrossAttention attention(with_heads(4));
  Tensor padding = torch::zeros({2, 1, 5});
  padding[1].slice(1, 3).fill_(-std::numeric_limits<float>::infinity());
  HeadMemory memory = attention.prepare(torch::randn({2, 5, 8}), padding);
  Tensor x = torch::randn({2, 3, 8});
  MultiHeadResult result = attention.with_weights(x, memory);
  ASSERT_EQ(result.weights.sizes(), (std::vector<int64_t>{2, 3, 5}));
  expect_close(result.weights.sum(2), torch::ones({2, 3}), 1e-6);
  EXPECT_EQ(result.weights[1].slice(1, 3).abs().sum().item<float>(), 0.0f);
  EXPECT_TRUE(torch::equal(result.output, attention(x, memory)));
}

TEST(CrossAttentionTest, OneSourcePositionGetsAllWeight) {
  torch::manual_seed(8);
  CrossAttention attention(with_heads(2));
  HeadMemory memory = attention.prepare(torch::randn({1, 1, 8}), {});
  Tensor a = attention(torch::randn({1, 1, 8}), memory);
  Tensor b = attention(torch::randn({1, 1, 8}), memory);
  expect_close(a, b, 1e-6);
}

}  // namespace
}  // namespace heed
