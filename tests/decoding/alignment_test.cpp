#include "decoding/alignment.h"

#include <gtest/gtest.h>

#include "alignment/pharaoh.h"

namespace heed {
namespace {

std::string links(const Translation& translation, AlignmentUnit unit = AlignmentUnit::kWord) {
  return print_pharaoh(hard_alignment(translation, unit));
}

TEST(HardAlignmentTest, WordsTakeTheMassOfTheirPieces) {
  Translation translation;
  translation.source_words = {0, 0, 1, kNoWord};
  translation.target_words = {0, 1, 1, 2, kNoWord};
  translation.attention = {{0.30F, 0.30F, 0.35F, 0.05F},  // the first two 0.6, the third 0.35
                           {0.40F, 0.00F, 0.50F, 0.10F},  // both of the word: 0.7 and 0.6
                           {0.30F, 0.00F, 0.10F, 0.60F},
                           {0.05F, 0.05F, 0.11F, 0.79F},  // the end is no word
                           {0.00F, 1.00F, 0.00F, 0.00F}};
  EXPECT_EQ(links(translation), "0-0 0-1 1-2");
  EXPECT_EQ(links(translation, AlignmentUnit::kPiece), "2-0 2-1 0-2 2-3");
  translation.attention[0] = {0.1F, 0.1F, 0.3F, 0.5F};
  EXPECT_EQ(links(translation), "1-0 0-1 1-2");
}

TEST(HardAlignmentTest, AWordWithoutAPieceHasNoLink) {
  Translation translation;
  translation.source_words = {1, kNoWord};
  translation.target_words = {0, 2, kNoWord};
  translation.attention = {{0.5F, 0.5F}, {0.5F, 0.5F}, {0.5F, 0.5F}};
  EXPECT_EQ(links(translation), "1-0 1-2");
}

TEST(HardAlignmentTest, WithoutWordsThereIsNoPair) {
  EXPECT_EQ(links({}), "");
  Translation translation;
  translation.source_words = {0, kNoWord};
  translation.target_words = {kNoWord};
  translation.attention = {{0.5F, 0.5F}};
  EXPECT_EQ(links(translation), "");
  EXPECT_EQ(links(translation, AlignmentUnit::kPiece), "");
}

}  // namespace
}  // namespace heed
