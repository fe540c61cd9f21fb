#include "decoding/score.h"

#include <gtest/gtest.h>

#include <cmath>

#include "decoding/search.h"

namespace heed {
namespace {

double score(const SearchOptions& options, double log_probability,
             const std::vector<std::vector<float>>& attention) {
  AttentionRows rows(attention.begin(), attention.end());
  return hypothesis_score(options, log_probability, std::ssize(attention), rows);
}

// By hand: (log 0.5 + log 1) over the two pieces, the end symbol's column left out.
TEST(HypothesisScoreTest, CoverageIsWusEquation14) {
  SearchOptions options;
  options.length_penalty = 0.5;
  std::vector<std::vector<float>> attention = {{0.2F, 0.7F, 0.1F}, {0.3F, 0.6F, 0.1F}, {0, 0, 1}};
  EXPECT_NEAR(score(options, -6, attention), -6 / std::sqrt(3.0), 1e-9);
  options.coverage_penalty = 0.2;
  EXPECT_NEAR(score(options, -6, attention), -6 / std::sqrt(3.0) + 0.2 * std::log(0.5), 1e-6);
}

TEST(HypothesisScoreTest, APieceWithoutAttentionCostsMuchButNotInfinitely) {
  SearchOptions options;
  options.coverage_penalty = 1;
  double found = score(options, -1, {{0, 1, 0}, {0, 0, 1}});
  EXPECT_LT(found, -20);
  EXPECT_GT(found, -30);
}

TEST(ScoreBoundTest, IsTheLengthThatFavoursIt) {
  SearchOptions options;
  EXPECT_DOUBLE_EQ(score_bound(options, -6, 2, 11), -6.0 / 12);
  options.length_penalty = 0;
  EXPECT_DOUBLE_EQ(score_bound(options, -6, 2, 11), -6);
  options.length_penalty = -1;
  EXPECT_DOUBLE_EQ(score_bound(options, -6, 2, 11), -18);
}

}  // namespace
}  // namespace heed
