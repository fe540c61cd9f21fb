#include "decoding/unknown_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "util/error.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

using testing::ElementsAre;

// "Mr 你 sleeps" -> "Herr <unk> schläft": the unknown piece looks at the source's second word.
Translation example() {
  Translation translation;
  translation.source_pieces = {"▁Mr", "▁", "<unk>", "▁sle", "eps", "</s>"};
  translation.source_words = {0, 1, 1, 2, 2, kNoWord};
  translation.target_pieces = {"▁Herr", "▁", "<unk>", "▁schläft", "</s>"};
  translation.attention = {{1, 0, 0, 0, 0, 0},
                           {0, 1, 0, 0, 0, 0},
                           {0.1F, 0.1F, 0.4F, 0.0F, 0.0F, 0.4F},
                           {0, 0, 0, 1, 0, 0},
                           {0, 0, 0, 0, 0, 1}};
  return translation;
}

const std::vector<std::string> kSource = {"▁Mr", "▁", "你", "▁sle", "eps"};

TEST(ReplaceUnknownTest, AnUnknownSourcePieceIsCopied) {
  EXPECT_THAT(replace_unknown(example(), "<unk>", kSource, {}),
              ElementsAre("▁Herr", "▁", "你", "▁schläft"));
}

TEST(ReplaceUnknownTest, AKnownOneGivesItsWord) {
  Translation translation = example();
  translation.attention[2] = {0, 0, 0, 0.2F, 0.8F, 0};
  EXPECT_EQ(replace_unknown(translation, "<unk>", kSource, {})[2], "sleeps");
}

TEST(ReplaceUnknownTest, AMarkWithinAWordIsASpace) {
  Translation translation = example();
  translation.source_words = {0, 0, 0, 1, 1, kNoWord};
  translation.attention[2] = {0.9F, 0.1F, 0, 0, 0, 0};
  EXPECT_EQ(replace_unknown(translation, "<unk>", kSource, {})[2], "Mr 你");
}

TEST(ReplaceUnknownTest, TheEndSymbolIsNoWord) {
  Translation translation = example();
  translation.attention[2] = {0.1F, 0, 0, 0, 0, 0.9F};
  EXPECT_EQ(replace_unknown(translation, "<unk>", kSource, {})[2], "Mr");
}

TEST(ReplaceUnknownTest, TheDictionaryComesFirst) {
  Dictionary dictionary = {{"你", "du"}, {"sleeps", "schläft"}};
  EXPECT_EQ(replace_unknown(example(), "<unk>", kSource, dictionary)[2], "du");
}

TEST(DictionaryTest, IsReadLineByLine) {
  TempFolder folder;
  std::string path = folder.write("words", "dog\tHund\n\ncat \t eine Katze\ndog\tKöter\n");
  testing::internal::CaptureStderr();
  EXPECT_EQ(read_dictionary(path), (Dictionary{{"dog", "Hund"}, {"cat", "eine Katze"}}));
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              testing::HasSubstr(path + ": 1 words come again, the first in line 4"));
}

TEST(DictionaryTest, ALineWithoutATabIsNamed) {
  TempFolder folder;
  std::string path = folder.write("words", "dog\tHund\ncat Katze\n");
  EXPECT_THAT([&] { read_dictionary(path); },
              testing::ThrowsMessage<Error>(path + ":2: no TAB: expected a source word, a TAB and "
                                                   "its translation"));
}

TEST(DictionaryTest, ThreeColumnsAreNoDictionary) {
  TempFolder folder;
  std::string path = folder.write("words", "dog\tHund\tKöter\n");
  EXPECT_THAT([&] { read_dictionary(path); },
              testing::ThrowsMessage<Error>(testing::StartsWith(path + ":1: more than one TAB")));
}

}  // namespace
}  // namespace heed
