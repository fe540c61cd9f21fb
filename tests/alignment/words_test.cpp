#include "alignment/words.h"

#include <gmock/gmock.h>

namespace heed {
namespace {

using ::testing::ElementsAre;
using Spans = std::vector<ByteSpan>;

PieceWords words(std::string_view text, const Spans& spans) { return words_of_pieces(text, spans); }

TEST(CountWords, CountsAsSplitWordsDoes) {
  for (const char* text : {"", " ", "a", " a\t\tb \n", "a\u00A0b c", "\u200B", "a \u2581 b",
                           "\u3000 \u3000", "a\v\f\rb"}) {
    EXPECT_EQ(count_words(text), std::ssize(split_words(text))) << text;
  }
}

TEST(WordsOfPieces, APieceBelongsToTheWordOfItsFirstVisibleCharacter) {
  EXPECT_THAT(words("ab c", {{0, 1}, {1, 2}, {2, 4}}), ElementsAre(0, 0, 1));
  EXPECT_THAT(words("  ab   c", {{2, 4}, {4, 8}}), ElementsAre(0, 1));
  // A no-break space separates no words.
  EXPECT_THAT(words("a\u00A0b c", {{0, 1}, {1, 4}, {4, 6}}), ElementsAre(0, 0, 1));
  // A zero-width space and a word mark that stand alone are words, but "b" and "c" are later ones.
  EXPECT_THAT(words("a \u200B b \u2581 c", {{0, 1}, {1, 7}, {7, 13}}), ElementsAre(0, 2, 4));
  EXPECT_THAT(words("a \uFFFD b", {{0, 1}, {1, 7}}), ElementsAre(0, 2));
  // What follows a word in its last piece does not matter.
  EXPECT_THAT(words("a \u200B ", {{0, 6}}), ElementsAre(0));
}

TEST(WordsOfPieces, WithoutAVisibleCharacterTheNextByteThatIsNoSpaceDecides) {
  EXPECT_THAT(words("a b", {{0, 1}, {1, 2}, {2, 3}}), ElementsAre(0, 1, 1));
  EXPECT_THAT(words("a \u00AD b", {{0, 1}, {1, 2}, {2, 4}, {4, 6}}), ElementsAre(0, 1, 1, 2));
  // All but the last of the pieces of one character have no bytes.
  EXPECT_THAT(words("a ½ b", {{0, 1}, {1, 2}, {2, 2}, {2, 2}, {2, 4}, {4, 6}}),
              ElementsAre(0, 1, 1, 1, 1, 2));
}

TEST(WordsOfPieces, BehindTheLastWordThePieceIsOfTheLast) {
  EXPECT_THAT(words("a b  ", {{0, 1}, {1, 3}, {3, 4}, {5, 5}, {9, 12}}),
              ElementsAre(0, 1, 1, 1, 1));
}

TEST(WordsOfPieces, WithoutAWordThereIsNone) {
  EXPECT_THAT(words("", {{0, 0}}), ElementsAre(kNoWord));
  EXPECT_THAT(words("  ", {{0, 1}, {1, 2}}), ElementsAre(kNoWord, kNoWord));
  EXPECT_TRUE(words("a b", {}).empty());
}

TEST(WordsOfParts, AreThoseOfTheWholeLine) {
  Spans first{{0, 1}, {1, 3}}, second{{0, 1}}, third{{0, 1}, {1, 3}};
  // The second "b" stands in the middle of the line's third word.
  std::vector<TextPart> parts = {{"a b", first}, {"b", second}, {"b c", third}};
  EXPECT_THAT(words_of_parts(" a b \u3000 bb c", parts),
              ElementsAre(ElementsAre(0, 1), ElementsAre(3), ElementsAre(3, 4)));
}

TEST(WordsOfParts, AReplacedPartStaysInTheLine) {
  Spans spans{{0, 3}, {3, 5}};
  std::vector<TextPart> parts = {{"\uFFFD a", spans}, {"b", spans}};
  EXPECT_THAT(words_of_parts("\xFF a b", parts), ElementsAre(ElementsAre(1, 2), ElementsAre(2, 2)));
  EXPECT_TRUE(words_of_parts("a", {}).empty());
}

TEST(CarryWords, TakesTheWordOfThePieceThatHoldsTheCharacter) {
  // "ab cd" as "ab", " cd", its words 3 and 7 of another text; then as "a", "b", " ", "c", "d".
  EXPECT_THAT(carry_words("ab cd", Spans{{0, 2}, {2, 5}}, PieceWords{3, 7},
                          Spans{{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}}),
              ElementsAre(3, 3, 7, 7, 7));
  // The other way round; a piece over two words is of the first.
  EXPECT_THAT(carry_words("ab cd", Spans{{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}},
                          PieceWords{3, 3, 7, 7, 7}, Spans{{0, 2}, {2, 5}, {0, 5}}),
              ElementsAre(3, 7, 3));
  EXPECT_THAT(carry_words("a", Spans{}, PieceWords{}, Spans{{0, 1}}), ElementsAre(kNoWord));
}

}  // namespace
}  // namespace heed
