#include "decoding/beam.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace heed {
namespace {

constexpr int32_t kEnd = 3;

class BeamTest : public testing::Test {
 protected:
  static BeamStep step(size_t rows, float end = -2) { return {std::vector<float>(rows, end), {}}; }
  using Texts = std::vector<std::vector<int32_t>>;
  static Texts live(const Beam& beam) {
    Texts all;
    for (int64_t k = 0; k < beam.width(); ++k) all.push_back(beam.ids(k));
    return all;
  }
  SearchOptions options_;
};

TEST_F(BeamTest, KeepsTheBestAndEndsWhatRanksHighEnough) {
  Beam beam({0, 0, 2, 10}, kEnd, options_);
  EXPECT_THAT(beam.advance({{0, 4, -1}, {0, kEnd, -1.5}, {0, 5, -2}, {0, 6, -3}}, step(1)),
              testing::ElementsAre(0, 0));
  EXPECT_EQ(live(beam), (Texts{{4}, {5}}));
  EXPECT_EQ(beam.last(1), 5);
  ASSERT_EQ(beam.finished().size(), 1u);
  EXPECT_TRUE(beam.finished()[0].ended);
  EXPECT_DOUBLE_EQ(beam.finished()[0].score, -1.5);
  // An end symbol behind the first two is no choice of the beam.
  EXPECT_THAT(beam.advance({{1, 4, -2.5}, {0, 5, -3}, {0, kEnd, -3.5}}, step(2)),
              testing::ElementsAre(1, 0));
  EXPECT_EQ(beam.finished().size(), 1u);
}

TEST_F(BeamTest, AtTheLimitTheEndIsOfferedAndTheRestCut) {
  Beam beam({0, 0, 2, 1}, kEnd, options_);
  beam.advance({{0, 4, -1}, {0, 5, -2}}, step(1));
  EXPECT_TRUE(beam.advance({{0, kEnd, -1.1}, {1, 6, -2.1}, {0, 6, -3}}, step(2, -7)).empty());
  ASSERT_EQ(beam.finished().size(), 2u);
  EXPECT_TRUE(beam.finished()[0].ended);
  EXPECT_FALSE(beam.finished()[1].ended);
  EXPECT_EQ(beam.finished()[1].ids, std::vector<int32_t>{5});
  EXPECT_DOUBLE_EQ(beam.finished()[1].log_probability, -9);
  EXPECT_DOUBLE_EQ(beam.finished()[1].score, -4.5);
}

TEST_F(BeamTest, WithoutCandidatesWhatThereIsIsCut) {
  Beam beam({0, 0, 2, 5}, kEnd, options_);
  beam.advance({{0, 4, -1}}, step(1));
  EXPECT_TRUE(beam.advance({}, step(1, NAN)).empty());
  ASSERT_EQ(beam.finished().size(), 1u);
  EXPECT_EQ(beam.finished()[0].ids, std::vector<int32_t>{4});
  EXPECT_DOUBLE_EQ(beam.finished()[0].log_probability, -1);
}

// Two have ended and the live one is worse as it stands, -4 / 2 against -1.5, but it may still grow
// to 20 pieces.
TEST_F(BeamTest, ExactStoppingWaitsWhereTheEstimateDoesNot) {
  for (bool exact : {false, true}) {
    options_.early_stopping = *options_.early_stopping.find(exact ? "exact" : "estimate");
    options_.n_best = 2;
    Beam beam({0, 0, 2, 20}, kEnd, options_);
    beam.advance({{0, kEnd, -1}, {0, 4, -1.2}, {0, 5, -1.4}}, step(1));
    auto parents = beam.advance({{0, kEnd, -3}, {1, 4, -4}, {1, 5, -5}}, step(2));
    EXPECT_EQ(parents.empty(), !exact);
  }
}

TEST_F(BeamTest, ExactStoppingEndsWhereNothingCanBeBetter) {
  options_.early_stopping = "exact";
  options_.length_penalty = 0;  // every piece only costs
  Beam beam({0, 0, 5, 20}, kEnd, options_);
  EXPECT_TRUE(beam.advance({{0, kEnd, -1}, {0, 4, -1.2}, {0, 5, -1.4}}, step(1)).empty());
}

// Hypotheses share their beginnings: each has the attention of its own pieces.
TEST_F(BeamTest, AttentionIsThatOfTheHypothesis) {
  const std::vector<float> steps[] = {{0.1F, 0.9F}, {0.2F, 0.8F}, {0.3F, 0.7F}, {0.4F, 0.6F}};
  auto with = [&](std::vector<size_t> rows) {
    BeamStep step{std::vector<float>(rows.size(), -2.0F), {}};
    for (size_t row : rows) step.attention.emplace_back(steps[row]);
    return step;
  };
  Beam beam({0, 0, 2, 10}, kEnd, options_);
  beam.advance({{0, 4, -1}, {0, 5, -2}}, with({0}));
  beam.advance({{1, 6, -2.1}, {0, 6, -2.2}}, with({1, 2}));
  beam.advance({{0, kEnd, -3}, {1, kEnd, -4}}, with({3, 0}));
  auto found = beam.finished();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].ids, (std::vector<int32_t>{5, 6}));
  EXPECT_THAT(found[0].attention, testing::ElementsAre(steps[0], steps[2], steps[3]));
  EXPECT_EQ(found[1].ids, (std::vector<int32_t>{4, 6}));
  EXPECT_THAT(found[1].attention, testing::ElementsAre(steps[0], steps[1], steps[0]));
}

}  // namespace
}  // namespace heed
