#include "report/attention_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "util/error.h"

namespace heed {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatEq;

TEST(JoinPieces, OpensAWordAtTheMark) {
  AttentionWords words = join_pieces({"▁deposit", "ed", "▁his", ".", "</s>"});
  EXPECT_THAT(words.texts, ElementsAre("deposited", "his", ".", "</s>"));
  EXPECT_THAT(words.word_of_piece, ElementsAre(0, 0, 1, 2, 3));
}

TEST(JoinPieces, DecodesBytesAndKeepsALoneMark) {
  EXPECT_THAT(join_pieces({"▁", "<0xF0>", "<0x9F>", "<0x99>", "<0x8F>", "▁"}).texts,
              ElementsAre("🙏", "▁"));
  EXPECT_THAT(join_pieces({"▁", "<0xF0>", "<0x9F>"}).texts, ElementsAre("\uFFFD\uFFFD"));
}

TEST(JoinPieces, ScriptsWithoutSpacesKeepTheirPieces) {
  EXPECT_THAT(join_pieces({"▁", "我", "昨天", "。", "</s>"}).texts,
              ElementsAre("我", "昨天", "。", "</s>"));
}

TEST(JoinPieces, PunctuationAtTheEndsStandsAlone) {
  EXPECT_THAT(join_pieces({"▁(", "well", "-", "known", ")."}).texts,
              ElementsAre("(", "well-known", ")."));
  EXPECT_THAT(join_pieces({"▁don", "'", "t", "▁", "«", "3", ".", "5", "»", "▁—"}).texts,
              ElementsAre("don't", "«", "3.5", "»", "—"));
}

TEST(JoinPieces, NothingGivesNothing) { EXPECT_TRUE(join_pieces({}).texts.empty()); }

TEST(JoinPieces, ControlPiecesStandAlone) {
  EXPECT_THAT(join_pieces({"<s>", "y", "z", "</s>"}).texts, ElementsAre("<s>", "yz", "</s>"));
}

TEST(SpaceWords, KeepPunctuationAndLeaveControlPiecesOut) {
  AttentionWords words = space_words({"▁(", "well", "-", "known", ").", "▁so", "</s>"});
  EXPECT_THAT(words.texts, ElementsAre("(well-known).", "so"));
  EXPECT_THAT(words.word_of_piece, ElementsAre(0, 0, 0, 0, 0, 1, -1));
}

TEST(SpaceWords, OpenWithoutAMarkToo) {
  EXPECT_THAT(space_words({"y", "z", "▁", "我", "昨天", "</s>"}).texts,
              ElementsAre("yz", "我昨天"));
  EXPECT_TRUE(space_words({"</s>"}).texts.empty());
}

TEST(MergeToWords, LeavesOutPiecesOfNoWord) {
  std::vector<float> weights = {0.5f, 0.25f, 0.25f,  // "▁a"
                                0.0f, 0.5f,  0.5f,   // "b"
                                0.0f, 0.0f,  1.0f};  // "</s>"
  auto merged =
      merge_to_words(weights, space_words({"▁a", "b", "</s>"}), space_words({"▁x", "▁y", "</s>"}));
  EXPECT_THAT(merged, ElementsAre(FloatEq(0.25f), FloatEq(0.375f)));
}

TEST(MergeToWords, RefusesAWrongSize) {
  EXPECT_THROW(merge_to_words({1, 2, 3}, join_pieces({"▁a"}), join_pieces({"▁b", "▁c"})), Error);
}

}  // namespace
}  // namespace heed
