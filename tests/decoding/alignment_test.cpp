#include "decoding/alignment.h"

#include <gtest/gtest.h>

namespace heed {
namespace {

std::string words(const Translation& translation) {
  return pharaoh(hard_alignment(translation, AlignmentUnit::kWord));
}

TEST(HardAlignmentTest, WordsTakeTheMassOfTheirPieces) {
  Translation translation;
  translation.source_pieces = {"▁a", "b", "▁c", "</s>"};
  translation.target_pieces = {"▁x", "▁y", "z", "▁w", "</s>"};
  translation.attention = {{0.30F, 0.30F, 0.35F, 0.05F},  // x: a+b 0.6, c 0.35
                           {0.40F, 0.00F, 0.50F, 0.10F},  // y and z: a+b 0.7, c 0.6
                           {0.30F, 0.00F, 0.10F, 0.60F},
                           {0.05F, 0.05F, 0.10F, 0.80F},  // w: the end is no word
                           {0.00F, 1.00F, 0.00F, 0.00F}};
  EXPECT_EQ(words(translation), "0-0 0-1 0-2");
  EXPECT_EQ(pharaoh(hard_alignment(translation, AlignmentUnit::kPiece)), "2-0 2-1 0-2 2-3");
  translation.attention[0] = {0.1F, 0.1F, 0.3F, 0.5F};
  EXPECT_EQ(words(translation), "1-0 0-1 0-2");
}

TEST(WordOfPieces, NumbersTheWordsOfTheText) {
  using Words = std::vector<int64_t>;
  EXPECT_EQ(word_of_pieces({"▁a", "b", "▁c", "</s>"}), (Words{0, 0, 1}));
  // Marks alone: at the end, before another, at the beginning, before the rest of their word.
  EXPECT_EQ(word_of_pieces({"▁a", "▁", "</s>"}), (Words{0, 0}));
  EXPECT_EQ(word_of_pieces({"▁a", "▁", "▁", "▁b"}), (Words{0, 0, 0, 1}));
  EXPECT_EQ(word_of_pieces({"▁", "▁a", "▁b"}), (Words{0, 0, 1}));
  EXPECT_EQ(word_of_pieces({"▁a", "▁", "b"}), (Words{0, 1, 1}));
}

TEST(HardAlignmentTest, EndSymbolsMayBeMissing) {
  Translation translation;
  translation.source_pieces = {"▁a", "▁b", "</s>"};
  translation.target_pieces = {"▁x", "▁y"};
  translation.attention = {{0.1F, 0.8F, 0.1F}, {0.5F, 0.4F, 0.1F}};
  EXPECT_EQ(words(translation), "1-0 0-1");
}

TEST(HardAlignmentTest, WithoutWordsThereIsNoPair) {
  EXPECT_EQ(words({}), "");
  Translation translation;
  translation.source_pieces = {"▁a", "</s>"};
  translation.target_pieces = {"</s>"};
  translation.attention = {{0.5F, 0.5F}};
  EXPECT_EQ(words(translation), "");
}

}  // namespace
}  // namespace heed
