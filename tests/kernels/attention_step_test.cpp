#include "kernels/attention_step.h"

#include <gtest/gtest.h>
#include "kernels/torch.h"

#include "model/golden.h"

namespace heed::kernels {
namespace {

using golden::expect_close;

// Both steps in plain LibTorch, the source's with keys [B, A, S, Dk].
at::Tensor self_attention_step_reference(const at::Tensor& queries, const at::Tensor& stored,
                                         const at::Tensor& origins, const StepShape& shape) {
  int64_t rows = origins.size(0), length = origins.size(1), hidden = queries.size(1);
  // [R, t, 2, A, D] -> two of [R, A, t, D]
  at::Tensor own = stored.index_select(0, origins.flatten())
                       .view({rows, length, 2, shape.heads, hidden / shape.heads});
  at::Tensor keys = own.select(2, 0).transpose(1, 2), values = own.select(2, 1).transpose(1, 2);
  at::Tensor query = queries.reshape({rows, shape.heads, 1, -1});
  at::Tensor weights = at::softmax(at::matmul(query, keys.transpose(2, 3)) * shape.scale, -1);
  return at::matmul(weights, values).view({rows, hidden});
}

SourceContext source_attention_step_reference(const at::Tensor& queries, const at::Tensor& keys,
                                              const at::Tensor& values, const at::Tensor& padding,
                                              const StepShape& shape) {
  int64_t batch = keys.size(0);
  at::Tensor query = queries.reshape({batch, -1, shape.heads, keys.size(3)}).transpose(1, 2);
  at::Tensor scores = at::matmul(query, keys.transpose(2, 3)) * shape.scale;
  at::Tensor weights = at::softmax(padding.defined() ? scores + padding : scores, -1);
  return {at::matmul(weights, values).transpose(1, 2).reshape({queries.size(0), -1}), weights};
}

TEST(AttentionStep, OwnPiecesEqualTheReference) {
  torch::manual_seed(1);
  for (int64_t width : {1, 3, 16, 32, 64, 65}) {
    for (int64_t length : {1, 2, 17}) {
      StepShape shape{4, 0.3};
      int64_t hidden = 4 * width;
      // A query is a part of a wider row, as the projection leaves it.
      at::Tensor queries = at::randn({21, 3 * hidden}).narrow(1, 0, hidden);
      at::Tensor stored = at::randn({50, 2 * hidden});
      at::Tensor origins = at::randint(50, {21, length}, at::kInt);
      expect_close(self_attention_step(queries, stored, origins, shape),
                   self_attention_step_reference(queries, stored, origins, shape), 1e-5);
    }
  }
}

TEST(AttentionStep, TheSourceEqualsTheReference) {
  torch::manual_seed(2);
  for (int64_t key_width : {1, 32, 48}) {
    for (int64_t value_width : {32, 5}) {
      for (bool padded : {false, true}) {
        int64_t batch = 5, heads = 2, beam = 3, length = 9;
        at::Tensor queries = at::randn({batch * beam, heads * key_width});
        at::Tensor keys = at::randn({batch, heads, length, key_width});
        // Not contiguous, as LibTorch's views of a projection are.
        at::Tensor values = at::randn({batch, length, heads, value_width}).transpose(1, 2);
        at::Tensor padding;
        if (padded) {
          padding = at::zeros({batch, 1, 1, length});
          padding.slice(0, 1, 3).slice(3, 4).fill_(-std::numeric_limits<float>::infinity());
        }
        StepShape shape{heads, 1.0};
        at::Tensor all = torch::arange(batch, at::kInt);
        auto found =
            source_attention_step(queries, {keys_for_steps(keys), values, padding, all}, shape);
        auto expected = source_attention_step_reference(queries, keys, values, padding, shape);
        expect_close(found.context, expected.context, 1e-5);
        expect_close(found.weights, expected.weights, 1e-6);
        if (padded) {
          EXPECT_EQ(found.weights[1].slice(2, 4).abs().max().item<float>(), 0);
        }
        // Some of the sentences, in another order.
        at::Tensor some = torch::tensor({3, 1}, at::kInt);
        auto part =
            source_attention_step(queries.view({batch, -1}).index_select(0, some).view({6, -1}),
                                  {keys_for_steps(keys), values, padding, some}, shape);
        EXPECT_TRUE(torch::equal(part.weights, found.weights.index_select(0, some)));
      }
    }
  }
}

TEST(AttentionStep, LargeScoresStayFinite) {
  at::Tensor queries = at::full({1, 4}, 100.0), keys = at::full({1, 1, 3, 4}, 100.0);
  keys[0][0][1].neg_();
  auto found = source_attention_step(
      queries, {keys_for_steps(keys), keys, {}, torch::zeros({1}, at::kInt)}, {1, 1.0});
  expect_close(found.weights.flatten(), torch::tensor({0.5, 0.0, 0.5}, at::kFloat), 1e-6);
}

}  // namespace
}  // namespace heed::kernels
