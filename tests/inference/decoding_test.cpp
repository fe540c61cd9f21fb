// Decodings of every kind of model: steps, their rows, and teacher forcing beside them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "inference/compiled.h"
#include "kernels/torch.h"

namespace heed {
namespace {

using tiny::Sentence;

constexpr int64_t kBegin = SpecialIds{}.begin;

class DecodingTest : public testing::TestWithParam<tiny::NamedConfig> {
 protected:
  // What a CPU computes with, and, without a packing, what a GPU does.
  void with_both(const std::function<void(const Inference&)>& check) {
    for (auto packing :
         {std::optional(kernels::Packing::kFloat32), std::optional<kernels::Packing>()}) {
      SCOPED_TRACE(packing ? "packed" : "plain");
      check(*tiny::compiled(*model_, packing));
    }
  }
  // log P after the begin symbol and `prefix`, of a sentence alone.
  static std::vector<float> after(const Inference& model, const Sentence& source,
                                  const Sentence& prefix) {
    auto decoding = model.begin(tiny::sources({source}), {});
    decoding->take({kBegin});
    for (int32_t id : prefix) decoding->take({id});
    return decoding->log_probabilities().values;
  }
  static void expect_row(const FloatMatrix& all, int64_t row, const std::vector<float>& expected) {
    std::vector<float> actual(all[row], all[row] + all.columns);
    EXPECT_THAT(actual, testing::Pointwise(testing::FloatNear(5e-5F), expected)) << row;
  }

  std::shared_ptr<Seq2Seq> model_ = tiny::random_model(GetParam().config);
};

TEST_P(DecodingTest, TeacherForcingEqualsSteps) {
  auto source = tiny::random_sentences(4, 6, 31), target = tiny::random_sentences(4, 7, 32);
  Batch batch = tiny::batch(source, target);
  with_both([&](const Inference& model) {
    ForcedTargets forced = model.force(batch, true);
    const float* expected = forced.log_probabilities.data();
    for (size_t i = 0; i < source.size(); ++i) {
      auto decoding = model.begin(tiny::sources({source[i]}), {.attention = true});
      Sentence pieces = target[i];
      pieces.push_back(SpecialIds{}.end);
      int64_t last = kBegin, length = std::ssize(source[i]) + 1;
      for (int64_t t = 0; t < std::ssize(pieces); ++t) {
        decoding->take({last});
        last = pieces[t];
        EXPECT_NEAR(decoding->log_probabilities()[0][last], *expected++, 5e-5);
        FloatMatrix attention = decoding->attention();
        ASSERT_EQ(attention.columns, length);
        double sum = 0;
        for (int64_t s = 0; s < batch.source.columns; ++s) {
          float weight = forced.attention[i][t][s];
          EXPECT_NEAR(weight, s < length ? attention[0][s] : 0, 5e-5);
          sum += weight;
        }
        if (GetParam().config.attention_scope != "local_p") {
          EXPECT_NEAR(sum, 1, 1e-4);
        }
      }
    }
  });
}

TEST_P(DecodingTest, WhatIsBestIsTheBestOfTheWholeRow) {
  with_both([&](const Inference& model) {
    auto decoding = model.begin(tiny::sources({{4, 5, 6}, {7}}), {});
    decoding->take({kBegin, kBegin});
    FloatMatrix whole = decoding->log_probabilities();
    BestPieces best = decoding->best({3, {0, 2}, 5});
    for (int64_t row = 0; row < 2; ++row) {
      std::vector<std::pair<float, int32_t>> order;
      for (int32_t id = 0; id < tiny::kVocabulary; ++id) {
        if (id != 0 && id != 2) order.emplace_back(-whole[row][id], id);
      }
      std::ranges::sort(order);
      for (int64_t k = 0; k < 3; ++k) {
        EXPECT_EQ(best.ids[row * 3 + k], order[k].second);
        EXPECT_NEAR(best.log_probabilities[row * 3 + k], -order[k].first, 1e-5);
      }
      EXPECT_NEAR(best.asked[row], whole[row][5], 1e-5);
    }
  });
}

TEST_P(DecodingTest, SourceMattersAtEveryPosition) {
  if (!tiny::is_soft(GetParam().config)) return;  // some positions have no weight
  with_both([&](const Inference& model) {
    Sentence source = {4, 5, 6, 7};
    std::vector<float> before = after(model, source, {8});
    for (size_t i = 0; i < source.size(); ++i) {
      Sentence changed = source;
      changed[i] = 10;
      std::vector<float> now = after(model, changed, {8});
      float largest = 0;
      for (size_t id = 0; id < now.size(); ++id) {
        largest = std::max(largest, std::abs(now[id] - before[id]));
      }
      EXPECT_GT(largest, 1e-5) << i;
    }
  });
}

// A beam of 3 over 2 sentences, moved about between steps, gives each row what its prefix gives
// alone; then the first sentence leaves.
TEST_P(DecodingTest, RowsAreSentencesOfTheirOwn) {
  with_both([&](const Inference& model) {
    std::vector<Sentence> source = {{4, 5, 6, 7, 8}, {9, 10}};
    auto decoding = model.begin(tiny::sources(source), {.attention = true});
    decoding->take({kBegin, kBegin});
    decoding->keep({0, 0, 0, 1, 1, 1}, nullptr);
    decoding->take({4, 5, 6, 7, 8, 9});
    decoding->keep({2, 0, 2, 4, 5, 3}, nullptr);
    decoding->take({10, 9, 8, 4, 5, 6});
    FloatMatrix all = decoding->log_probabilities();
    std::vector<Sentence> prefixes = {{6, 10}, {4, 9}, {6, 8}, {8, 4}, {9, 5}, {7, 6}};
    ASSERT_EQ(all.rows, 6);
    for (int64_t row = 0; row < 6; ++row) {
      expect_row(all, row, after(model, source[row / 3], prefixes[row]));
    }
    std::vector<int64_t> second = {1};
    decoding->keep({5, 3}, &second);
    decoding->take({7, 7});
    EXPECT_EQ(decoding->attention().rows, 2);
    EXPECT_EQ(decoding->attention().columns, 6);
    FloatMatrix last = decoding->log_probabilities();
    expect_row(last, 0, after(model, source[1], {7, 6, 7}));
    expect_row(last, 1, after(model, source[1], {8, 4, 7}));
  });
}

INSTANTIATE_TEST_SUITE_P(All, DecodingTest, testing::ValuesIn(tiny::all_configs()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace heed
