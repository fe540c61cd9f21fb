#include "kernels/top_k.h"

#include <gtest/gtest.h>
#include "kernels/torch.h"

#include <cmath>

#include "model/golden.h"

namespace heed::kernels {
namespace {

using golden::expect_close;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// Five units in the last place of sums near 30, which compilers add up in orders of their own.
constexpr double kRounding = 2e-5;

TEST(TopK, EqualsLogSoftmaxAndTopK) {
  torch::manual_seed(1);
  for (auto type : {at::kFloat, at::kBFloat16}) {
    for (int64_t size : {1, 2, 15, 63, 64, 65, 700, 8003}) {
      for (int64_t k : {1, 2, 10}) {
        at::Tensor logits = (at::randn({7, size}) * 6).to(type);
        if (type == at::kBFloat16) {  // no ties, of which the reference may take any
          logits = (at::randperm(size).to(at::kFloat) / 8).to(type).expand({7, size}).contiguous();
          if (size > 200) continue;
        }
        RowBest actual = best_of_rows(logits, k, {}),
                expected = best_of_rows_reference(logits, k, {});
        expect_close(actual.log_sum_exp, expected.log_sum_exp, kRounding);
        EXPECT_TRUE(torch::equal(actual.ids, expected.ids)) << size << " " << k;
        EXPECT_TRUE(torch::equal(actual.logits, expected.logits)) << size << " " << k;
        auto [values, ids] = torch::log_softmax(logits.to(at::kFloat), 1).topk(1, 1);
        expect_close(actual.logits.slice(1, 0, 1) - actual.log_sum_exp.unsqueeze(1), values,
                     kRounding);
      }
    }
  }
}

TEST(TopK, TiesGoToTheLowerIndex) {
  at::Tensor logits = at::zeros({2, 300});
  logits[1][200] = logits[1][70] = 1;
  RowBest best = best_of_rows(logits, 4, {});
  EXPECT_TRUE(torch::equal(best.ids, torch::tensor({{0, 1, 2, 3}, {70, 200, 0, 1}}, at::kInt)));
}

TEST(TopK, WhatIsPassedOverCountsInTheSumAlone) {
  torch::manual_seed(2);
  at::Tensor logits = at::randn({5, 400});
  std::vector<int64_t> passed_over = {3, 128, 399};
  for (int64_t id : passed_over) logits.select(1, id).fill_(50);
  RowBest actual = best_of_rows(logits, 6, passed_over);
  RowBest expected = best_of_rows_reference(logits, 6, passed_over);
  EXPECT_TRUE(torch::equal(actual.ids, expected.ids));
  EXPECT_GT(actual.log_sum_exp.min().item<float>(), 50);
}

TEST(TopK, RowsWithoutEnoughEntriesEndInNone) {
  at::Tensor logits = at::full({1, 90}, -kInfinity);
  logits[0][80] = -2;
  logits[0][7] = -3;
  RowBest best = best_of_rows(logits, 3, {});
  EXPECT_TRUE(torch::equal(best.ids, torch::tensor({{80, 7, -1}}, at::kInt)));
  EXPECT_EQ(best.logits[0][2].item<float>(), -kInfinity);
  EXPECT_NEAR(best.log_sum_exp.item<float>(), std::log(std::exp(-2.0) + std::exp(-3.0)), 1e-6);
}

TEST(TopK, ARowThatIsNotFiniteHasNoSum) {
  at::Tensor logits = at::zeros({3, 100});
  logits[0].fill_(-kInfinity);
  logits[1][5] = std::nanf("");
  logits[2][5] = kInfinity;
  RowBest best = best_of_rows(logits, 2, {});
  for (int64_t row = 0; row < 3; ++row) {
    EXPECT_TRUE(std::isnan(best.log_sum_exp[row].item<float>())) << row;
  }
}

TEST(TopK, ARowDependsOnNoOther) {
  torch::manual_seed(3);
  at::Tensor logits = at::randn({33, 500});
  RowBest all = best_of_rows(logits, 5, {1});
  for (int64_t row : {0, 16, 32}) {
    RowBest alone = best_of_rows(logits.narrow(0, row, 1), 5, {1});
    EXPECT_TRUE(torch::equal(alone.log_sum_exp[0], all.log_sum_exp[row]));
    EXPECT_TRUE(torch::equal(alone.ids[0], all.ids[row]));
  }
}

TEST(TopK, OfProductsEqualsThatOfTheirRows) {
  torch::manual_seed(4);
  at::Tensor weight = at::randn({300, 20}), bias = at::randn({300});
  for (Packing packing : {Packing::kFloat32, Packing::kBfloat16, Packing::kInt8}) {
    auto projection = pack(weight, bias, packing);
    for (int64_t rows : {1, 23, 24, 61}) {
      at::Tensor x = at::randn({rows, 20});
      RowBest found = best_of_products(*projection, x, 4, {7}, 9);
      RowBest expected = best_of_rows((*projection)(x), 4, {7}, 9);
      EXPECT_TRUE(torch::equal(found.ids, expected.ids));
      EXPECT_TRUE(torch::equal(found.logits, expected.logits));
      EXPECT_TRUE(torch::equal(found.log_sum_exp, expected.log_sum_exp));
      EXPECT_TRUE(torch::equal(found.asked, expected.asked));
      EXPECT_TRUE(torch::equal(found.asked, (*projection)(x).select(1, 9)));
    }
  }
}

}  // namespace
}  // namespace heed::kernels
