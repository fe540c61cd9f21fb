#include "server/languages.h"

#include <gtest/gtest.h>

namespace heed {
namespace {

TEST(Languages, HaveNames) {
  EXPECT_EQ(language_name("de"), "German");
  EXPECT_EQ(language_name("pt-BR"), "Portuguese (BR)");
  EXPECT_EQ(language_name("zh_Hans"), "Chinese (Hans)");
  EXPECT_EQ(language_name("source"), "source");
}

TEST(Languages, CodesAreComparedInOneForm) {
  EXPECT_EQ(normal_code(" PT_br "), "pt-br");
  EXPECT_TRUE(is_language_code("EN"));
  EXPECT_FALSE(is_language_code("txt"));
}

TEST(Languages, FilesOfPairsNameBoth) {
  auto both = [](const char* path) {
    auto [source, target] = languages_of_file(path);
    return source + ">" + target;
  };
  EXPECT_EQ(both("a.de-en/europarl-v10.en-de.tsv.gz"), "en>de");
  EXPECT_EQ(both("zh-en.tsv"), "zh>en");
  for (const char* name : {"train.tsv", "en-de/train.tsv", "a-b-c.tsv", "x.new-data.tsv", ""}) {
    EXPECT_EQ(both(name), ">") << name;
  }
}

TEST(Languages, FilesEndInThem) {
  EXPECT_EQ(language_of_file("/data/train.de"), "de");
  for (const char* packed : {"train.de.gz", "train.de.zst", "train.de.xz"}) {
    EXPECT_EQ(language_of_file(packed), "de") << packed;
  }
  EXPECT_EQ(language_of_file("a.pt_BR"), "pt_BR");
  for (const char* name : {"train.txt", "de", "train.", "", "x.de/train", "train.bpe"}) {
    EXPECT_EQ(language_of_file(name), "") << name;
  }
}

}  // namespace
}  // namespace heed
