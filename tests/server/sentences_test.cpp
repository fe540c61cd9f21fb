#include "server/sentences.h"

#include <gtest/gtest.h>

namespace heed {
namespace {

std::string together(const SentenceText& text) {
  std::string whole = text.before;
  for (const Sentence& one : text.sentences) whole += one.text + one.after;
  return whole;
}

std::vector<std::string> texts_of(const SentenceText& text) {
  std::vector<std::string> texts;
  for (const Sentence& one : text.sentences) texts.push_back(one.text);
  return texts;
}

TEST(Sentences, NothingIsLost) {
  for (const char* text : {"", " ", "\n\n", "A dog.", "  A dog.  Two dogs!\n\n\tThree \r\nfour\r\n",
                           "a\nb", "甲。乙。", "\u00A0x\u00A0", "Mr. X went.\u2028Then he came.",
                           "...", "\r", "a\v\fb. C d."}) {
    EXPECT_EQ(together(divide(text)), text);
  }
}

TEST(Sentences, EndAtMarksAndLineFeeds) {
  EXPECT_EQ(texts_of(divide("One. Two!\nThree")),
            (std::vector<std::string>{"One.", "Two!", "Three"}));
  EXPECT_EQ(texts_of(divide("甲。乙。")), (std::vector<std::string>{"甲。", "乙。"}));
}

TEST(Sentences, TranslationsTakeTheirPlaces) {
  EXPECT_EQ(put_together(divide(" Ah.  Oh.\n"), {"X.", "Y."}, "de"), " X.  Y.\n");
  EXPECT_EQ(put_together(divide("甲。乙。"), {"X.", "Y."}, "en"), "X. Y.");
  EXPECT_EQ(put_together(divide("甲。乙。"), {"ア。", "イ。"}, "ja"), "ア。イ。");
}

TEST(Sentences, EmojiAloneAreNoText) {
  for (const char* text : {"😀", "👍🏽 👩‍👩‍👧", "❤️", "🇩🇪", " ", ""}) {
    EXPECT_TRUE(is_only_emoji(text)) << text;
  }
  for (const char* text : {"a", "😀 a", "1", "#", "..."}) EXPECT_FALSE(is_only_emoji(text)) << text;
}

TEST(Sentences, HaveMarksAtTheirEnds) {
  for (const char* text : {"A.", "A?\"", "甲。", "(A!)", "A. "}) EXPECT_TRUE(ends_sentence(text));
  for (const char* text : {"", "A", "A,", "."})
    EXPECT_EQ(ends_sentence(text), text == std::string("."));
}

}  // namespace
}  // namespace heed
