#include "decoding/phrases.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heed {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(PhraseProgressTest, WithoutPhrasesAllIsHeld) {
  PhraseProgress progress = phrase_progress({}, {4, 5});
  EXPECT_TRUE(progress.complete);
  EXPECT_EQ(progress.pieces, 0);
  EXPECT_THAT(progress.next, IsEmpty());
}

TEST(PhraseProgressTest, CountsWhatIsHeldAndWhatIsBegun) {
  Phrases phrases = {{4, 5, 6}, {7}, {8, 9}};
  PhraseProgress progress = phrase_progress(phrases, {7, 10, 4, 5});
  EXPECT_FALSE(progress.complete);
  EXPECT_EQ(progress.pieces, 3);
  EXPECT_THAT(progress.next, ElementsAre(6, 8));
  progress = phrase_progress(phrases, {7, 10, 4, 5, 11});  // the first is lost again
  EXPECT_EQ(progress.pieces, 1);
  EXPECT_THAT(progress.next, ElementsAre(4, 8));
  progress = phrase_progress(phrases, {8, 9, 4, 5, 6, 7});
  EXPECT_TRUE(progress.complete);
  EXPECT_EQ(progress.pieces, 6);
}

// After 4 4 4 the phrase 4 4 5 has two of its pieces, not none.
TEST(PhraseProgressTest, ABrokenOffPhraseMayHaveBegunAgain) {
  PhraseProgress progress = phrase_progress({{4, 4, 5}}, {4, 4, 4});
  EXPECT_EQ(progress.pieces, 2);
  EXPECT_THAT(progress.next, ElementsAre(5));
}

TEST(PhraseProgressTest, OnePieceMayServeTwoPhrases) {
  EXPECT_TRUE(phrase_progress({{4, 5}, {5, 6}}, {4, 5, 6}).complete);
}

std::vector<int32_t> ids(const std::vector<Candidate>& candidates) {
  std::vector<int32_t> all;
  for (const Candidate& candidate : candidates) all.push_back(candidate.id);
  return all;
}

TEST(ShareAmongBanksTest, TheBestOfEachBankInTurnTheFullestFirst) {
  std::vector<Candidate> candidates = {{0, 10, -1}, {0, 11, -2}, {0, 20, -3},
                                       {0, 12, -4}, {0, 21, -5}, {0, 30, -6}};
  share_among_banks(candidates, {0, 0, 2, 0, 2, 3});
  EXPECT_THAT(ids(candidates), ElementsAre(30, 20, 10, 21, 11, 12));
  share_among_banks(candidates, {1, 1, 1, 1, 1, 1});
  EXPECT_THAT(ids(candidates), ElementsAre(30, 20, 10, 21, 11, 12));
}

}  // namespace
}  // namespace heed
