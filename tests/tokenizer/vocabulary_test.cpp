#include "tokenizer/vocabulary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "util/error.h"

namespace heed {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(VocabularyTest, PiecesHaveTheIdsOfTheirLines) {
  Vocabulary vocabulary = read_vocabulary("</s>\n<unk>\n\u2581a\nb c\n", "v");
  EXPECT_EQ(vocabulary.size(), 4);
  EXPECT_EQ(vocabulary.piece(3), "b c");
  EXPECT_EQ(vocabulary.id("\u2581a"), 2);
  EXPECT_EQ(vocabulary.id("a"), std::nullopt);
  EXPECT_EQ(vocabulary_text(vocabulary), "</s>\n<unk>\n\u2581a\nb c\n");
  EXPECT_EQ(read_vocabulary("</s>\n<unk>\nx", "v").size(), 3);  // the last line may lack its end
}

TEST(VocabularyTest, SpecialPiecesAreFoundByTheirNames) {
  Vocabulary plain = read_vocabulary("a\n<unk>\n</s>\n", "v");
  EXPECT_EQ(plain.special().unknown, 1);
  EXPECT_EQ(plain.special().end, 2);
  EXPECT_EQ(plain.special().begin, -1);
  EXPECT_EQ(plain.special().pad, 2);
  Vocabulary with_pad = read_vocabulary("</s>\n<unk>\n<pad>\n", "v");
  EXPECT_EQ(with_pad.special().begin, 2);
  EXPECT_EQ(with_pad.special().pad, 2);
}

TEST(VocabularyTest, MovesWithItsMap) {
  Vocabulary first = read_vocabulary("</s>\n<unk>\na\n", "v"), second = std::move(first);
  EXPECT_EQ(second.id("a"), 2);
}

TEST(VocabularyTest, RefusesWhatIsNoList) {
  auto refused = [](const char* text, const char* why) {
    EXPECT_THAT([&] { read_vocabulary(text, "my.vocabulary"); },
                ThrowsMessage<Error>(HasSubstr(why)));
  };
  refused("", "my.vocabulary: no piece </s> among 0");
  refused("</s>\na\n", "my.vocabulary: no piece <unk> among 2");
  refused("</s>\n<unk>\n\nb\n", "my.vocabulary:3: an empty piece");
  refused("</s>\n<unk>\nb\nb\n", "my.vocabulary:4: the piece \"b\" stands in line 3 already");
  EXPECT_THAT(
      [] {
        listed_vocabulary({"</s>", "<unk>", "a\nb"}, "v");
      },
      ThrowsMessage<Error>(HasSubstr("v:3: the piece \"a\\x0Ab\" holds a line feed")));
}

}  // namespace
}  // namespace heed
