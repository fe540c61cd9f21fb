#include "decoding/splitting.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace heed {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(SplitSentencesTest, ByUnicodesRules) {
  EXPECT_THAT(split_sentences("  A dog. Is it  yours? Yes!  "),
              ElementsAre("A dog.", "Is it  yours?", "Yes!"));
  EXPECT_THAT(split_sentences("It costs 3.50, i.e. little. \"Good.\" I left."),
              ElementsAre("It costs 3.50, i.e. little.", "\"Good.\"", "I left."));
  EXPECT_THAT(split_sentences("\u4f60\u597d\u3002\u518d\u89c1\u3002"),
              ElementsAre("\u4f60\u597d\u3002", "\u518d\u89c1\u3002"));
  EXPECT_THAT(split_sentences("No end"), ElementsAre("No end"));
  EXPECT_THAT(split_sentences(""), IsEmpty());
  EXPECT_THAT(split_sentences(" \u3000 "), IsEmpty());
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
