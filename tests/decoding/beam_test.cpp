#include "decoding/beam.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace heed {
namespace {

constexpr int32_t kEnd = 3;

Hypothesis hypothesis(double log_probability, std::vector<int32_t> ids,
                      std::vector<std::vector<float>> attention = {}) {
  return {std::move(ids), log_probability, 0, false, std::move(attention)};
}

// By hand: (log 0.5 + log 1) over the two pieces, the end symbol's column left out.
TEST(HypothesisScoreTest, CoverageIsWusEquation14) {
  SearchOptions options;
  options.length_penalty = 0.5;
  Hypothesis two = hypothesis(-6, {4, 5}, {{0.2F, 0.7F, 0.1F}, {0.3F, 0.6F, 0.1F}, {0, 0, 1}});
  EXPECT_NEAR(hypothesis_score(two, options), -6 / std::sqrt(3.0), 1e-9);
  options.coverage_penalty = 0.2;
  EXPECT_NEAR(hypothesis_score(two, options), -6 / std::sqrt(3.0) + 0.2 * std::log(0.5), 1e-6);
}

TEST(HypothesisScoreTest, APieceWithoutAttentionCostsMuchButNotInfinitely) {
  SearchOptions options;
  options.coverage_penalty = 1;
  double score = hypothesis_score(hypothesis(-1, {4}, {{0, 1, 0}, {0, 0, 1}}), options);
  EXPECT_LT(score, -20);
  EXPECT_GT(score, -30);
}

TEST(ScoreBoundTest, IsTheLengthThatFavoursIt) {
  SearchOptions options;
  Hypothesis live = hypothesis(-6, {4, 5});
  EXPECT_DOUBLE_EQ(score_bound(live, 11, options), -6.0 / 12);
  options.length_penalty = 0;
  EXPECT_DOUBLE_EQ(score_bound(live, 11, options), -6);
  options.length_penalty = -1;
  EXPECT_DOUBLE_EQ(score_bound(live, 11, options), -18);
}

class BeamTest : public testing::Test {
 protected:
  static BeamStep step(size_t rows, float end = -2) { return {std::vector<float>(rows, end), {}}; }
  static std::vector<std::vector<int32_t>> ids(const std::vector<Hypothesis>& hypotheses) {
    std::vector<std::vector<int32_t>> all;
    for (const auto& one : hypotheses) all.push_back(one.ids);
    return all;
  }
  SearchOptions options_;
};

TEST_F(BeamTest, KeepsTheBestAndEndsWhatRanksHighEnough) {
  Beam beam({0, 0, 2, 10}, kEnd, options_);
  EXPECT_THAT(beam.advance({{0, 4, -1}, {0, kEnd, -1.5}, {0, 5, -2}, {0, 6, -3}}, step(1)),
              testing::ElementsAre(0, 0));
  EXPECT_EQ(ids(beam.live()), (std::vector<std::vector<int32_t>>{{4}, {5}}));
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
  EXPECT_EQ(ids(beam.finished()), (std::vector<std::vector<int32_t>>{{4}}));
  EXPECT_DOUBLE_EQ(beam.finished()[0].log_probability, -1);
}

// Two have ended and the live one is worse as it stands, -4 / 2 against -1.5, but it may still grow
// to 20 pieces.
TEST_F(BeamTest, ExactStoppingWaitsWhereTheEstimateDoesNot) {
  for (bool exact : {false, true}) {
    options_.exact_stopping = exact;
    options_.n_best = 2;
    Beam beam({0, 0, 2, 20}, kEnd, options_);
    beam.advance({{0, kEnd, -1}, {0, 4, -1.2}, {0, 5, -1.4}}, step(1));
    auto parents = beam.advance({{0, kEnd, -3}, {1, 4, -4}, {1, 5, -5}}, step(2));
    EXPECT_EQ(parents.empty(), !exact);
  }
}

TEST_F(BeamTest, ExactStoppingEndsWhereNothingCanBeBetter) {
  options_.exact_stopping = true;
  options_.length_penalty = 0;  // every piece only costs
  Beam beam({0, 0, 5, 20}, kEnd, options_);
  EXPECT_TRUE(beam.advance({{0, kEnd, -1}, {0, 4, -1.2}, {0, 5, -1.4}}, step(1)).empty());
}

}  // namespace
}  // namespace heed
