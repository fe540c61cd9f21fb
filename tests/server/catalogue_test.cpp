#include "server/catalogue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/served.h"

namespace heed {
namespace {

using ::testing::ElementsAre;

TEST(CatalogueTest, KnowsItsDirections) {
  Catalogue catalogue = served::catalogue({"de-en", "en:pt-BR", "de-fr"});
  EXPECT_TRUE(catalogue.find("de", "en"));
  EXPECT_TRUE(catalogue.find("EN", "pt_br"));
  EXPECT_FALSE(catalogue.find("en", "de"));
  EXPECT_THAT(catalogue.targets_of("de"), ElementsAre("en", "fr"));
  EXPECT_EQ(catalogue.known_code("PT-br"), "pt-br");
  EXPECT_EQ(catalogue.known_code("pt"), "");
}

TEST(CatalogueTest, LanguagesComeFromKeysThenFileNames) {
  DataConfig data;
  auto load = [&](const std::string&) {
    LoadedModel model = served::copier(served::characters());
    model.config.data = data;
    return std::pair(std::move(model), EngineOptions{});
  };
  auto direction = [&] { return Catalogue({{"x"}}, load).models()[0]->direction; };
  data = default_config().data;
  EXPECT_EQ(direction().source, "source");
  data.train_source = {"a/train.de", "b.cs"};
  data.train_target = {"a/train.en.gz"};
  EXPECT_EQ(direction().source, "de");
  EXPECT_EQ(direction().target, "en");
  data.source_language = "gsw";
  EXPECT_EQ(direction().source, "gsw");
  data = default_config().data;
  data.train = {"all/news.en-cs.tsv.gz"};
  EXPECT_EQ(direction().source, "en");
  EXPECT_EQ(direction().target, "cs");
  data.train = {"all.tsv"};
  data.dev = "dev.fr-it.tsv";
  EXPECT_EQ(direction().source, "fr");
  data.dev.clear();
  data.dev_source = "dev.sv";
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(direction().source, "sv");
  EXPECT_EQ(direction().target, "target");
  EXPECT_THAT(::testing::internal::GetCapturedStderr(),
              ::testing::HasSubstr("x: nothing says which languages it translates"));
  Catalogue given({{"x", {"fr", "it"}}}, load);
  EXPECT_TRUE(given.find("fr", "it"));
}

TEST(CatalogueTest, CodesAreOfManyKinds) {
  for (const char* good : {"en-de", "en:pt-BR", "zh-Hans:zh-Hant", "eng_Latn-deu_Latn",
                           "source-target", "es-419:en"}) {
    EXPECT_NO_THROW(parse_direction(good)) << good;
  }
}

TEST(CatalogueTest, OneModelForADirection) {
  EXPECT_THROW(served::catalogue({"de-en", "de-en"}), UsageError);
  for (const char* bad :
       {"de", "de-", "-en", "de-en-fr", "", "e n-d e", "en-en", "EN:en", "auto-de", "de-AUTO",
        "en:pt-", "en:pt--BR", "ä-de", "a/b-de", "pt-BR:pt_br"}) {
    EXPECT_THROW(parse_direction(bad), UsageError) << bad;
  }
}

}  // namespace
}  // namespace heed
