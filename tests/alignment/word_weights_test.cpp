#include "alignment/word_weights.h"

#include <gmock/gmock.h>

#include "util/error.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatEq;

TEST(MergeToWords, SumsColumnsAndAveragesRows) {
  std::vector<float> weights = {0.1f, 0.2f, 0.7f,  //
                                0.3f, 0.0f, 0.7f,  // of the same word
                                1.0f, 0.0f, 0.0f};
  WordWeights merged = merge_to_words(weights, PieceWords{0, 0, 1}, PieceWords{0, 0, 1});
  EXPECT_EQ(merged.columns, 2u);
  EXPECT_THAT(merged.weights, ElementsAre(FloatEq(0.3f), FloatEq(0.7f), 1, 0));
}

TEST(MergeToWords, LeavesOutPiecesOfNoWord) {
  std::vector<float> weights = {0.5f, 0.25f, 0.25f,  //
                                0.0f, 0.5f,  0.5f,   //
                                0.0f, 0.0f,  1.0f};
  PieceWords rows{0, 0, kNoWord}, columns{0, 1, kNoWord};
  EXPECT_THAT(merge_to_words(weights, rows, columns).weights,
              ElementsAre(FloatEq(0.25f), FloatEq(0.375f)));
  EXPECT_TRUE(merge_to_words({}, PieceWords{}, columns).weights.empty());
}

TEST(MergeToWords, AWordWithoutAPieceHasNoAttention) {
  WordWeights merged = merge_to_words(std::vector<float>{1, 2}, PieceWords{2}, PieceWords{0, 2});
  EXPECT_THAT(merged.weights, ElementsAre(0, 0, 0, 0, 0, 0, 1, 0, 2));
  EXPECT_THAT(hard_links(merged.view()), ElementsAre(Link{2, 2}));
}

TEST(MergeToWords, RefusesAWrongSize) {
  EXPECT_THAT(message_of<Error>([] {
                merge_to_words(std::vector<float>{1, 2, 3}, PieceWords{0}, PieceWords{0, 1});
              }),
              "merging to words: expected 1 x 2 = 2 weights, got 3");
}

TEST(HardLinks, TakeTheStrongestAndNoneOfNothing) {
  std::vector<float> weights = {0.2f, 0.7f, 0.1f,  //
                                0.4f, 0.4f, 0.2f,  // the first of equals
                                0,    0,    0};
  EXPECT_THAT(hard_links({weights, 3}), ElementsAre(Link{1, 0}, Link{0, 1}));
}

}  // namespace
}  // namespace heed
