#include "decoding/translation.h"

#include <gmock/gmock.h>

namespace heed {
namespace {

using testing::ElementsAre;

TEST(SetTextTest, WordsAreThoseOfTheLine) {
  Translation translation;
  set_text(translation, {"a b c", {{0, 1}, {1, 3}, {3, 5}}});
  EXPECT_EQ(translation.text, "a b c");
  EXPECT_THAT(translation.target_words, ElementsAre(0, 1, 2, kNoWord));
}

// One source piece and as many target pieces as words.
Translation part(const std::string& text, int source_word, PieceWords target_words) {
  Translation part;
  part.text = text;
  part.length = std::ssize(target_words) + 1;
  part.score = part.log_probability = -1;
  part.source_pieces = {"x", "</s>"};
  part.source_words = {source_word, kNoWord};
  for (int word : target_words) part.target_pieces.push_back(std::to_string(word));
  part.target_pieces.emplace_back("</s>");
  part.target_words = std::move(target_words);
  part.target_words.push_back(kNoWord);
  part.attention.assign(part.target_pieces.size(), {0.75F, 0.25F});
  return part;
}

TEST(JoinTranslationsTest, CountsWordsOverAllParts) {
  // The second part has a word without a piece, the third no text.
  Translation whole = join_translations(
      {part("a b", 0, {0, 1, 1}), part("c \u200B", 0, {0}), part("", 4, {}), part("d", 5, {0})},
      {"", " ", " ", " "});
  EXPECT_EQ(whole.text, "a b c \u200B  d");
  EXPECT_THAT(whole.source_words, ElementsAre(0, 0, 4, 5, kNoWord));
  EXPECT_THAT(whole.target_words, ElementsAre(0, 1, 1, 2, 4, kNoWord));
  EXPECT_EQ(whole.source_pieces.size(), whole.source_words.size());
  EXPECT_EQ(whole.target_pieces.size(), whole.target_words.size());
  EXPECT_THAT(whole.attention[3], ElementsAre(0, 0.75F, 0, 0, 0.25F));
  EXPECT_EQ(whole.log_probability, -4);
}

TEST(JoinTranslationsTest, AWordGoesOnWhereNothingIsBetween) {
  Translation whole = join_translations(
      {part("a b", 0, {0, 1}), part("c d", 1, {0, 1}), part("e", 2, {0}), part("f", 3, {0})},
      {"", "", "\u3000", " "});
  EXPECT_EQ(whole.text, "a bc d\u3000e f");
  EXPECT_THAT(whole.target_words, ElementsAre(0, 1, 1, 2, 2, 3, kNoWord));
}

}  // namespace
}  // namespace heed
