#include "server/subtitles.h"

#include <gtest/gtest.h>

namespace heed {
namespace {

const std::string kText =
    "1\n00:00:01,000 --> 00:00:02,000\nA dog\nruns.\n\n2\n00:00:03,000 --> 00:00:04,000\nTwo "
    "dogs.\n";

TEST(SubtitlesTest, CuesAreTranslatedAndTheRestStays) {
  Subtitles subtitles(kText);
  EXPECT_EQ(subtitles.cues(), (std::vector<std::string>{"A dog runs.", "Two dogs."}));
  EXPECT_EQ(subtitles.with({"Ein Hund läuft.", "Zwei Hunde."}),
            "1\n00:00:01,000 --> 00:00:02,000\nEin Hund\nläuft.\n\n"
            "2\n00:00:03,000 --> 00:00:04,000\nZwei Hunde.\n");
}

TEST(SubtitlesTest, LineEndsStay) {
  std::string text;
  for (char c : kText) text += c == '\n' ? "\r\n" : std::string(1, c);
  Subtitles subtitles(text);
  EXPECT_EQ(subtitles.with(subtitles.cues()), text);
}

TEST(SubtitlesTest, WhatIsNoCueStays) {
  for (const char* text : {"", "x", "x\n\ny\n", "1\n00:00:01,000 --> 00:00:02,000\n\n\n",
                           "00:00 --> 00:01\n00:02 --> 00:03\n", "-->", "1\n-->\na"}) {
    Subtitles subtitles(text);
    EXPECT_EQ(subtitles.with(subtitles.cues()), text);
  }
}

TEST(SubtitlesTest, TimesAreTimes) {
  for (const char* times : {"00:00:01,000 --> 00:00:02,000", "00:01.000 --> 00:02.000 align:left",
                            "0:0:1-->0:0:2\r", "100:00:01.000 --> 100:00:02.000"}) {
    Subtitles subtitles(std::string(times) + "\na --> b\n");
    EXPECT_TRUE(subtitles.has_times()) << times;
    EXPECT_FALSE(subtitles.fault()) << times;
    EXPECT_EQ(subtitles.cues(), std::vector<std::string>{"a --> b"}) << times;
  }
  for (const char* none : {"A --> B", "-->", "1 --> 2", "00:00:01,000 -->",
                           "00:00:01,x --> 00:00:02,000", "00:: --> 00:01"}) {
    Subtitles subtitles("1\n" + std::string(none) + "\na\n");
    EXPECT_FALSE(subtitles.has_times()) << none;
    EXPECT_EQ(subtitles.fault(), 2u) << none;
  }
}

TEST(SubtitlesTest, LinesAreOfLikeLength) {
  EXPECT_EQ(balance_lines("a b c d", 2), (std::vector<std::string>{"a b", "c d"}));
  EXPECT_EQ(balance_lines("word", 3), (std::vector<std::string>{"word"}));
  EXPECT_EQ(balance_lines("", 2), (std::vector<std::string>{""}));
  EXPECT_EQ(balance_lines("a b c d e f", 1).size(), 1u);
}

}  // namespace
}  // namespace heed
