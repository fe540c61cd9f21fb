#include "exchange/marian_yaml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "util/error.h"

namespace heed {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

TEST(MarianOptionsTest, ReadsWhatMarianWrites) {
  MarianOptions options(
      "# comment\n---\ndec-depth: 2\ntype: transformer\ninput-types:\n  []\ndim-vocabs:\n  - 38\n"
      "  - 40\ntransformer-preprocess: \"\"\nmodels: [a.npz, 'b c.npz']\nnormalize: 0.6\nempty:\n"
      "nested:\n  key: 1\nvocabs:\n- \"x\\u00e9.yml\"\n",
      "o.yml");
  EXPECT_EQ(options.text("type", ""), "transformer");
  EXPECT_EQ(options.number("dec-depth", 6), 2);
  EXPECT_EQ(options.number("enc-depth", 6), 6);
  EXPECT_EQ(options.number("normalize", 1), 0.6);
  EXPECT_THAT(options.list("dim-vocabs"), ElementsAre("38", "40"));
  EXPECT_THAT(options.list("models"), ElementsAre("a.npz", "b c.npz"));
  EXPECT_THAT(options.list("vocabs"), ElementsAre("x\u00e9.yml"));
  EXPECT_THAT(options.list("input-types"), IsEmpty());
  EXPECT_EQ(options.text("transformer-preprocess", "n"), "");
  EXPECT_EQ(options.text("empty", "otherwise"), "otherwise");
}

TEST(MarianOptionsTest, NamesTheLineThatIsBroken) {
  auto refused = [](const char* text, const char* why) {
    EXPECT_THAT([&] { MarianOptions(text, "o.yml"); }, ThrowsMessage<Error>(HasSubstr(why)));
  };
  refused("a: 1\nno colon\n", "o.yml:2: \"no colon\" is no option");
  refused("- 1\n", "o.yml:1: ");
  refused("a: \"open\n", "o.yml:1: ");
  refused("a: 'x' y\n", "o.yml:1: ");
  EXPECT_THAT([] { MarianOptions("a: x\n", "o.yml").number("a", 1); },
              ThrowsMessage<Error>("o.yml: a: x is no number"));
}

TEST(MarianVocabularyTest, ReadsEveryFormOfAnEntry) {
  EXPECT_THAT(
      read_marian_vocabulary("</s>: 0\n<unk>: 1\n\".\": 2\n'it''s': 3\n\":\": 4\n? \"\\\"\"\n"
                             ": 5\n\u2581a: 6\na:b: 7\n\"\\x41\\u00e9\\U0001F600\\\\\": 8\n",
                             "v.yml"),
      ElementsAre("</s>", "<unk>", ".", "it's", ":", "\"", "\u2581a", "a:b",
                  "A\u00e9\U0001F600\\"));
  // Ids in any order; ends of lines as Windows has them; no end of the last line.
  EXPECT_THAT(read_marian_vocabulary("b: 1\r\na: 0", "v.yml"), ElementsAre("a", "b"));
}

TEST(MarianVocabularyTest, NamesTheLineThatIsBroken) {
  auto refused = [](const char* text, const char* why) {
    EXPECT_THAT([&] { read_marian_vocabulary(text, "v.yml"); },
                ThrowsMessage<Error>(HasSubstr(why)));
  };
  refused("a: 0\nb\n", "v.yml:2: \"b\" is no entry");
  refused("a: x\n", "v.yml:1: ");
  refused("a: -1\n", "v.yml:1: ");
  refused("a: 0\nb: 0\n", "v.yml:2: id 0 comes twice");
  refused("a: 0\nb: 2\n", "v.yml: no piece has id 1, and one has 2");
  refused("\"a: 0\n", "v.yml:1: ");
  refused("\"a\\q\": 0\n", "v.yml:1: ");
  refused("\"\\U99999999\": 0\n", "v.yml:1: ");
  refused("? a\nb: 0\n", "v.yml:2: ");
  refused("a: 0\n? b\n", "v.yml: the piece \"b\" has no id");
}

}  // namespace
}  // namespace heed
