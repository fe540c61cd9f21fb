#include "server/libretranslate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/served.h"

namespace heed {
namespace {

using ::testing::ElementsAre;
using Json = nlohmann::json;

class LibreTranslateTest : public ::testing::Test {
 protected:
  void serve(const ServerConfig& config) {
    service_ = std::make_unique<Service>(config, [] {
      return served::catalogue({"de-en", "en-de", "fr-en"});
    });
    router_ = Router();
    add_libretranslate(router_, *service_);
  }
  void SetUp() override { serve(served::config()); }

  Json ask(const std::string& path, const Json& body) {
    return ask(served::post(path, body.dump()));
  }
  Json ask(const HttpRequest& request) {
    HttpAnswer answer = router_(request);
    status_ = answer.status;
    return Json::parse(answer.body);
  }
  std::string refused(const Json& body) {
    Json answer = ask("/translate", body);
    EXPECT_EQ(status_, 400) << body;
    return answer.value("error", "");
  }

  std::unique_ptr<Service> service_;
  Router router_;
  int status_ = 0;
};

const Json kGood = {{"q", "Der Hund."}, {"source", "de"}, {"target", "en"}};

Json without(const char* name) {
  Json query = kGood;
  query.erase(name);
  return query;
}

Json with(const char* name, const Json& value) {
  Json query = kGood;
  query[name] = value;
  return query;
}

TEST_F(LibreTranslateTest, TextsAndLists) {
  EXPECT_EQ(ask("/translate", kGood), Json({{"translatedText", "Der Hund."}}));
  EXPECT_EQ(ask("/translate", with("q", {"Eins.", "Zwei.\n Drei."})),
            Json({{"translatedText", {"Eins.", "Zwei.\n Drei."}}}));
  EXPECT_EQ(ask(served::form("/translate", "q=Der+Hund.&source=DE&target=En")),
            Json({{"translatedText", "Der Hund."}}));
  EXPECT_EQ(ask("/translate", with("q", "😀 👍🏽"))["translatedText"], "😀 👍🏽");
}

TEST_F(LibreTranslateTest, LinesOfAFormEndInLineFeeds) {
  EXPECT_EQ(ask(served::form("/translate", "q=Eins.%0D%0AZwei.%0D%0A&source=de&target=en")),
            Json({{"translatedText", "Eins.\nZwei."}}));
  EXPECT_EQ(ask("/translate", with("q", "Eins.\r\nZwei.\r\n"))["translatedText"],
            "Eins.\r\nZwei.\r\n");
}

TEST_F(LibreTranslateTest, Alternatives) {
  Json answer = ask("/translate", with("alternatives", 3));
  EXPECT_EQ(answer["translatedText"], "Der Hund.");
  EXPECT_EQ(answer["alternatives"].size(), 3u);
  answer =
      ask("/translate",
          {{"q", {"Eins.", "Zwei."}}, {"source", "de"}, {"target", "en"}, {"alternatives", 2}});
  EXPECT_EQ(answer["alternatives"].size(), 2u);
  EXPECT_EQ(answer["alternatives"][1].size(), 2u);
  EXPECT_FALSE(ask("/translate", with("alternatives", 0)).contains("alternatives"));
  EXPECT_EQ(refused(with("alternatives", "x")),
            "Invalid request: alternatives parameter is not a number");
  EXPECT_EQ(refused(with("alternatives", -1)),
            "Invalid request: alternatives parameter must be >= 0");
  EXPECT_EQ(refused(with("alternatives", 100)),
            "Invalid request: alternatives parameter must be <= 15");
}

TEST_F(LibreTranslateTest, TheLanguageIsFound) {
  Json answer = ask("/translate",
                    {{"q", "Der Hund ist nicht im Garten."}, {"source", "auto"}, {"target", "en"}});
  EXPECT_EQ(answer["detectedLanguage"]["language"], "de");
  EXPECT_GT(answer["detectedLanguage"]["confidence"], 90);
  answer =
      ask("/translate",
          {{"q", {"Der Hund.", "Die Katze und das Kind."}}, {"source", "auto"}, {"target", "en"}});
  EXPECT_EQ(answer["detectedLanguage"].size(), 2u);
  Json found = ask("/detect", {{"q", "The dog is in the garden."}});
  EXPECT_EQ(found[0]["language"], "en");
  EXPECT_EQ(found.size(), 3u);
  EXPECT_EQ(ask("/detect", Json::object())["error"], "Invalid request: missing q parameter");
}

TEST_F(LibreTranslateTest, WhatIsWrongIsSaidInItsOrder) {
  EXPECT_EQ(refused(Json::object()), "Invalid request: missing q parameter");
  EXPECT_EQ(refused(with("q", "")), "Invalid request: missing q parameter");
  EXPECT_EQ(refused(with("q", Json::array())), "Invalid request: missing q parameter");
  EXPECT_EQ(refused(without("source")), "Invalid request: missing source parameter");
  EXPECT_EQ(refused(without("target")), "Invalid request: missing target parameter");
  Json all_wrong = {{"q", "a"}, {"source", "zz"}, {"target", "yy"}, {"format", "xml"}};
  EXPECT_EQ(refused(all_wrong), "zz is not supported");
  all_wrong["source"] = "de";
  EXPECT_EQ(refused(all_wrong), "yy is not supported");
  all_wrong["target"] = "fr";
  EXPECT_EQ(refused(all_wrong), "xml format is not supported");
  all_wrong["format"] = "text";
  EXPECT_EQ(refused(all_wrong),
            "French (fr) is not available as a target language from German (de)");
  EXPECT_EQ(ask(served::post("/translate", "{\"q\""))["error"], "Invalid JSON format");
  EXPECT_EQ(status_, 400);
  EXPECT_EQ(ask(served::post("/translate", "[1]"))["error"], "Invalid JSON format");
}

TEST_F(LibreTranslateTest, ValuesOfTheWrongKindAreRefusedAndOtherFieldsIgnored) {
  EXPECT_EQ(refused(with("format", {"html"})),
            "Invalid request: format must be text, and is a list");
  EXPECT_EQ(refused(with("source", {"de"})), "Invalid request: source must be text, and is a list");
  EXPECT_EQ(refused(with("target", {{"a", "en"}})),
            "Invalid request: target must be text, and is an object");
  EXPECT_EQ(refused(with("q", {{"a", "b"}})), "Invalid request: q must be text, and is an object");
  EXPECT_EQ(ask("/translate", with("nbest", {1, 2}))["translatedText"], "Der Hund.");
}

TEST_F(LibreTranslateTest, LimitsOfTexts) {
  ServerConfig config = served::config();
  config.max_characters = 9;
  config.max_batch = 2;
  serve(config);
  EXPECT_EQ(ask("/translate", kGood)["translatedText"], "Der Hund.");
  EXPECT_EQ(refused(with("q", "Der Hündin")),
            "Invalid request: request (10) exceeds text limit (9)");
  EXPECT_EQ(refused(with("q", {"a", "b", "c"})),
            "Invalid request: request (3) exceeds text limit (2)");
  EXPECT_EQ(refused(with("q", {"a", "bcdefghijk"})),
            "Invalid request: request (10) exceeds text limit (9)");
  HttpRequest request = served::form("/frontend/settings", "");
  request.method = "GET";
  EXPECT_EQ(ask(request)["charLimit"], 9);
}

TEST_F(LibreTranslateTest, Keys) {
  TempFolder folder;
  ServerConfig config = served::config();
  config.api_keys = folder.write("keys", "right\n");
  serve(config);
  EXPECT_EQ(ask("/translate", kGood)["error"], "Invalid API key");
  EXPECT_EQ(status_, 403);
  EXPECT_EQ(ask("/translate", with("api_key", "wrong"))["error"], "Invalid API key");
  EXPECT_EQ(ask("/translate", with("api_key", "right"))["translatedText"], "Der Hund.");
}

TEST_F(LibreTranslateTest, TooManyRequests) {
  ServerConfig config = served::config();
  config.requests_per_minute = 2;
  serve(config);
  ask("/translate", kGood);
  ask("/translate", kGood);
  EXPECT_EQ(ask("/translate", kGood)["error"], "Slowdown: 2 per 1 minute");
  EXPECT_EQ(status_, 429);
}

TEST_F(LibreTranslateTest, LanguagesAndSettings) {
  HttpRequest request = served::form("/languages", "api_key=x");
  request.method = "GET";
  Json languages = ask(request);
  EXPECT_EQ(languages[0], Json({{"code", "de"}, {"name", "German"}, {"targets", {"en"}}}));
  EXPECT_EQ(languages.size(), 3u);
  request.path = "/frontend/settings";
  Json settings = ask(request);
  EXPECT_EQ(settings["charLimit"], -1);
  EXPECT_EQ(settings["language"]["source"], Json({{"code", "de"}, {"name", "German"}}));
  EXPECT_THAT(settings["supportedFilesFormat"], ::testing::Contains(".srt"));
  EXPECT_EQ(ask("/suggest", Json::object())["error"], "Suggestions are disabled on this server.");
  EXPECT_EQ(status_, 403);
}

TEST_F(LibreTranslateTest, Html) {
  EXPECT_EQ(ask("/translate", {{"q", "<p>Der <b>Hund</b>.</p>"},
                               {"source", "de"},
                               {"target", "en"},
                               {"format", "html"}})["translatedText"],
            "<p>Der <b>Hund</b>.</p>");
}

TEST_F(LibreTranslateTest, ModelsAreLoadedAnewAndFailuresKeepTheOldOnes) {
  int loads = 0;
  Service service(served::config(), [&] {
    if (++loads == 3) fail("no such folder");
    return served::catalogue({loads == 1 ? "de-en" : "fr-en"});
  });
  auto old = service.catalogue();
  service.reload();
  EXPECT_TRUE(service.catalogue()->find("fr", "en"));
  EXPECT_TRUE(old->find("de", "en"));  // who has it goes on with it
  service.reload();
  EXPECT_TRUE(service.catalogue()->find("fr", "en"));
  EXPECT_EQ(loads, 3);
}

}  // namespace
}  // namespace heed
