#include "report/attention_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heed {
namespace {

using ::testing::ElementsAre;

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

}  // namespace
}  // namespace heed
