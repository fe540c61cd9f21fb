#include "decoding/splitting.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heed {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// The texts alone.
std::vector<std::string> sentences_of(std::string_view text, const std::string& language = "") {
  std::vector<std::string> texts;
  for (LinePart& part : split_sentences(text, language)) texts.push_back(std::move(part.text));
  return texts;
}

TEST(SplitSentencesTest, AbbreviationsEndNoSentence) {
  EXPECT_THAT(sentences_of("Mr. Smith met Dr. Jones. He left."),
              ElementsAre("Mr. Smith met Dr. Jones.", "He left."));
  EXPECT_THAT(sentences_of("J. R. R. Tolkien wrote it. It is long."),
              ElementsAre("J. R. R. Tolkien wrote it.", "It is long."));
  EXPECT_THAT(sentences_of("Das ist z. B. Herr Dr. Meier. Er kam am 3. Mai."),
              ElementsAre("Das ist z. B. Herr Dr. Meier.", "Er kam am 3. Mai."));
  EXPECT_THAT(sentences_of("M. Dupont arrive. Il part."),
              ElementsAre("M. Dupont arrive.", "Il part."));
  EXPECT_THAT(
      sentences_of("\u041e\u043d \u0436\u0438\u043b \u0432 \u0433. "
                   "\u041c\u043e\u0441\u043a\u0432\u0435. \u041e\u043d \u0443\u0448\u0451\u043b."),
      testing::SizeIs(2));
}

TEST(SplitSentencesTest, ALanguageHasItsOwnAbbreviations) {
  EXPECT_THAT(sentences_of("Siehe Hrsg. Meier. Gut.", "de"),
              ElementsAre("Siehe Hrsg. Meier.", "Gut."));
  EXPECT_THAT(sentences_of("Siehe Hrsg. Meier. Gut.", "fr"),
              ElementsAre("Siehe Hrsg.", "Meier.", "Gut."));
  EXPECT_THAT(sentences_of("He came 3rd of 3. May he win.", "en"), testing::SizeIs(2));
  EXPECT_THAT(sentences_of("He went out. The house. All cats. Gut."), testing::SizeIs(4));
  for (const std::string& language : sentence_languages()) {
    EXPECT_THAT(sentences_of("Eins. Zwei.", language), testing::SizeIs(2)) << language;
  }
}

TEST(SplitSentencesTest, KeepsWhatIsBetween) {
  EXPECT_THAT(
      split_sentences(" A dog.  Yes!\u3000No?"),
      ElementsAre(LinePart{" ", "A dog."}, LinePart{"  ", "Yes!"}, LinePart{"\u3000", "No?"}));
  EXPECT_THAT(split_sentences("\u4f60\u597d\u3002\u518d\u89c1\u3002"),
              ElementsAre(LinePart{"", "\u4f60\u597d\u3002"}, LinePart{"", "\u518d\u89c1\u3002"}));
}

TEST(SplitSentencesTest, ByUnicodesRules) {
  EXPECT_THAT(sentences_of("  A dog. Is it  yours? Yes!  "),
              ElementsAre("A dog.", "Is it  yours?", "Yes!"));
  EXPECT_THAT(sentences_of("It costs 3.50, i.e. little. \"Good.\" I left."),
              ElementsAre("It costs 3.50, i.e. little.", "\"Good.\"", "I left."));
  EXPECT_THAT(sentences_of("\u4f60\u597d\u3002\u518d\u89c1\u3002"),
              ElementsAre("\u4f60\u597d\u3002", "\u518d\u89c1\u3002"));
  EXPECT_THAT(sentences_of("No end"), ElementsAre("No end"));
  EXPECT_THAT(sentences_of(""), IsEmpty());
  EXPECT_THAT(sentences_of(" \u3000 "), IsEmpty());
}

TEST(SplitPointsTest, WhatFitsStaysWhole) {
  EXPECT_THAT(split_points({"▁a", "▁b"}, 2), IsEmpty());
  EXPECT_THAT(split_points({}, 2), IsEmpty());
}

TEST(SplitPointsTest, BehindAPauseElseBeforeAWordElseAtTheLimit) {
  EXPECT_THAT(split_points({"▁a", "▁b", ",", "▁c", "▁d", "▁e"}, 4), ElementsAre(3));
  EXPECT_THAT(split_points({"▁a", "▁b", "c", "▁d", "e", "f"}, 4), ElementsAre(3));
  EXPECT_THAT(split_points({"▁a", "b", "c", "d", "e", "f"}, 4), ElementsAre(4));
  // The mark of a number is no pause, and one in the first half comes too early.
  EXPECT_THAT(split_points({"▁a", "▁b", "▁3", ".", "5", "▁c"}, 5), ElementsAre(5));
  EXPECT_THAT(split_points({"▁a", ",", "▁b", "▁c", "▁d", "▁e"}, 4), ElementsAre(4));
  // No space follows a mark in Chinese.
  EXPECT_THAT(split_points({"▁\u4f60", "\u597d", "\u3002", "\u518d", "\u89c1"}, 4), ElementsAre(3));
}

TEST(SplitPointsTest, NoPartIsTooLong) {
  for (size_t length = 1; length < 40; ++length) {
    std::vector<std::string> pieces;
    for (size_t i = 0; i < length; ++i)
      pieces.push_back(i % 3 == 0 ? "▁w" : i % 7 == 0 ? "." : "x");
    for (size_t limit : {1, 2, 5}) {
      auto points = split_points(pieces, limit);
      points.push_back(length);
      size_t start = 0;
      for (size_t end : points) {
        EXPECT_GT(end, start);
        EXPECT_LE(end - start, limit);
        start = end;
      }
    }
  }
}

TEST(SplitBytesTest, AtTheLastSpaceElseBetweenCharacters) {
  EXPECT_THAT(split_bytes("", 4), IsEmpty());
  EXPECT_THAT(split_bytes("abcd", 4), ElementsAre("abcd"));
  EXPECT_THAT(split_bytes("ab cd ef", 5), ElementsAre("ab", " cd", " ef"));
  EXPECT_THAT(split_bytes("abcdef", 4), ElementsAre("abcd", "ef"));
  EXPECT_THAT(split_bytes("a\u00e4\u00e4", 4), ElementsAre("a\u00e4", "\u00e4"));
}

}  // namespace
}  // namespace heed
