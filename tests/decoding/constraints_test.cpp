#include "decoding/constraints.h"

#include <gtest/gtest.h>
#include "kernels/torch.h"

namespace heed {
namespace {

const SpecialIds kSpecial{0, 1, 2, 3};

// Which entries of a 2 x 5 matrix are forbidden, as rows of 'x' and '.'; the others must be as they
// were.
std::vector<std::string> forbidden(const std::function<void(Tensor&)>& constraint) {
  Tensor before = torch::arange(10, torch::kFloat32).view({2, 5}) - 20;
  Tensor after = before.clone();
  constraint(after);
  std::vector<std::string> rows;
  for (int64_t row = 0; row < 2; ++row) {
    rows.emplace_back();
    for (int64_t id = 0; id < 5; ++id) {
      auto value = after[row][id].item<float>();
      bool gone = std::isinf(value) && value < 0;
      if (!gone) {
        EXPECT_EQ(value, before[row][id].item<float>());
      }
      rows.back() += gone ? 'x' : '.';
    }
  }
  return rows;
}

using Rows = std::vector<std::string>;

TEST(ConstraintsTest, SpecialPiecesAreNoTranslation) {
  EXPECT_EQ(forbidden([](Tensor& x) { forbid_special(x, kSpecial); }), (Rows{"x.x..", "x.x.."}));
}

TEST(ConstraintsTest, APadThatIsTheEndStaysAllowed) {
  SpecialIds foreign{2, 0, 1, 2};  // a tokenizer without a pad symbol
  EXPECT_EQ(forbidden([&](Tensor& x) { forbid_special(x, foreign); }), (Rows{".x...", ".x..."}));
}

TEST(ConstraintsTest, NoEndBeforeTheMinimum) {
  auto at_length = [](int64_t length) {
    return forbidden([=](Tensor& x) { forbid_early_end(x, kSpecial, length, 2); });
  };
  EXPECT_EQ(at_length(0), (Rows{"...x.", "...x."}));
  EXPECT_EQ(at_length(1), (Rows{"...x.", "...x."}));
  EXPECT_EQ(at_length(2), (Rows{".....", "....."}));
}

Rows without_repeats(const std::vector<int32_t>& first, const std::vector<int32_t>& second,
                     int64_t size) {
  return forbidden([&](Tensor& x) { forbid_repeated_ngrams(x, {&first, &second}, size); });
}

TEST(ConstraintsTest, RepeatedPieces) {
  EXPECT_EQ(without_repeats({4, 1}, {}, 1), (Rows{".x..x", "....."}));
}

TEST(ConstraintsTest, RepeatedPairs) {
  // 4 was followed by 1 and by 0; the second prefix ends in a piece that is new.
  EXPECT_EQ(without_repeats({4, 1, 4, 0, 4}, {4, 1, 4, 0}, 2), (Rows{"xx...", "....."}));
}

TEST(ConstraintsTest, RepeatedTriples) {
  EXPECT_EQ(without_repeats({1, 4, 0, 1, 4}, {4, 1, 0, 1, 4}, 3), (Rows{"x....", "....."}));
}

TEST(ConstraintsTest, AnOverlappingRunIsARepetition) {
  EXPECT_EQ(without_repeats({4, 4}, {4, 4, 4}, 2), (Rows{"....x", "....x"}));
  EXPECT_EQ(without_repeats({4, 4}, {4, 4, 4}, 3), (Rows{".....", "....x"}));
}

TEST(ConstraintsTest, ShortPrefixesAndSizeZeroForbidNothing) {
  EXPECT_EQ(without_repeats({}, {4}, 2), (Rows{".....", "....."}));
  EXPECT_EQ(without_repeats({4}, {4, 1}, 3), (Rows{".....", "....."}));
  EXPECT_EQ(without_repeats({4, 4, 4}, {4, 1}, 0), (Rows{".....", "....."}));
}

TEST(ConstraintsTest, NoEndInSomeRows) {
  EXPECT_EQ(forbidden([](Tensor& x) { forbid_end(x, kSpecial, {1}); }), (Rows{".....", "...x."}));
  EXPECT_EQ(forbidden([](Tensor& x) { forbid_end(x, kSpecial, {}); }), (Rows{".....", "....."}));
}

TEST(ConstraintsTest, AForcedPieceStandsAlone) {
  // With the value that it had before other rules: here the one that the matrix begins with.
  EXPECT_EQ(forbidden([](Tensor& x) {
              x[1][4] = -std::numeric_limits<float>::infinity();
              force_pieces(x, {{1, 4, -11}});
            }),
            (Rows{".....", "xxxx."}));
}

TEST(ConstraintsTest, PenalisedPiecesLoseByTheirCount) {
  Tensor totals = torch::zeros({2, 5});
  penalise_pieces(totals, {4, 1, 4}, 0.5);
  EXPECT_TRUE(torch::equal(totals, torch::tensor({0.0, -0.5, 0.0, 0.0, -1.0}).expand({2, 5})));
}

}  // namespace
}  // namespace heed
