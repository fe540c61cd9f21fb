#include "evaluation/ter.h"

#include <gmock/gmock.h>

#include "evaluation/ter_edits.h"
#include "util/text.h"

namespace heed {
namespace {

using testing::ElementsAre;
using Words = std::vector<uint32_t>;

TEST(TranslationEdits, CountsEachKindOnce) {
  EXPECT_EQ(translation_edits(Words{1, 2, 3}, Words{1, 2, 3}), 0);
  EXPECT_EQ(translation_edits(Words{1, 9, 3}, Words{1, 2, 3}), 1);
  EXPECT_EQ(translation_edits(Words{1, 3}, Words{1, 2, 3}), 1);
  EXPECT_EQ(translation_edits(Words{1, 2, 2, 3}, Words{1, 2, 3}), 1);
  EXPECT_EQ(translation_edits(Words{}, Words{1, 2, 3}), 3);
  EXPECT_EQ(translation_edits(Words{1, 2}, Words{}), 2);
}

TEST(TranslationEdits, ShiftsABlockForOneEdit) {
  EXPECT_EQ(translation_edits(Words{4, 5, 6, 1, 2, 3}, Words{1, 2, 3, 4, 5, 6}), 1);
  EXPECT_EQ(translation_edits(Words{2, 1, 4, 3}, Words{1, 2, 3, 4}), 2);
}

TEST(TranslationEdits, LengthsFarApart) {
  Words many(400);
  for (uint32_t i = 0; i < many.size(); ++i) many[i] = i + 1;
  // The beam about the last reference word does not reach the seventh, so one word too many is
  // replaced; the other way round it holds the whole matrix.
  EXPECT_EQ(translation_edits(Words{7}, many), 400);
  EXPECT_EQ(translation_edits(many, Words{7}), 399);
}

TEST(Ter, AveragesReferenceLengthsAndTakesTheFewestEdits) {
  Ter ter;
  std::vector<std::string_view> references = {"a b c d", "a b c"};
  EXPECT_THAT(ter.statistics("a b x", references), ElementsAre(1, 3.5));
}

TEST(Ter, EmptySides) {
  Ter ter;
  EXPECT_EQ(ter.sentence("", {""}).score, 0);
  EXPECT_EQ(ter.sentence("a b", {""}).score, 100);
  EXPECT_EQ(ter.sentence("", {"a b"}).score, 100);
}

TEST(Ter, NormalizesReferencesTwiceAsSacrebleuDoes) {
  Ter ter({.normalized = true});
  EXPECT_THAT(ter.statistics("it's.", std::vector<std::string_view>{"it's."}), ElementsAre(2, 3));
}

std::string words(const TerOptions& options, std::string_view line) {
  return join(split_words(Ter(options).normalize(line)), " ");
}

TEST(Ter, Normalizes) {
  EXPECT_EQ(words({}, "It's $5.20, OK?"), "it's $5.20, ok?");
  EXPECT_EQ(words({.case_sensitive = true}, "OK?"), "OK?");
  EXPECT_EQ(words({.normalized = true}, "It's $5.20, &lt;OK&gt;?"), "it 's $ 5.20 , < ok > ?");
  EXPECT_EQ(words({.no_punct = true}, "It's (5.20), 你好。"), "it's 520 你好。");
  EXPECT_EQ(words({.no_punct = true, .asian_support = true}, "ok! 你好。"), "ok 你好");
  EXPECT_EQ(words({.normalized = true, .asian_support = true}, "东京。タワー"), "东 京 。 タワー");
}

}  // namespace
}  // namespace heed
