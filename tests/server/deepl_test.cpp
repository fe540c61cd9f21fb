#include "server/deepl.h"

#include <gtest/gtest.h>

#include "server/served.h"

namespace heed {
namespace {

using Json = nlohmann::json;

class DeeplTest : public ::testing::Test {
 protected:
  DeeplTest() { add_deepl(router_, service_); }
  Json ask(const HttpRequest& request, int status = 200) {
    HttpAnswer answer = router_(request);
    EXPECT_EQ(answer.status, status) << answer.body;
    return Json::parse(answer.body);
  }

  Service service_{served::config(), [] { return served::catalogue({"de-en", "en-de"}); }};
  Router router_;
};

TEST_F(DeeplTest, FormsAndJson) {
  Json expected = {{"translations",
                    {{{"detected_source_language", "DE"}, {"text", "Der Hund."}},
                     {{"detected_source_language", "DE"}, {"text", "Das Kind und die Katze."}}}}};
  EXPECT_EQ(ask(served::form("/v2/translate",
                             "text=Der+Hund.&text=Das+Kind+und+die+Katze.&target_lang=EN-US")),
            expected);
  EXPECT_EQ(ask(served::post("/v2/translate", R"({"text": ["Der Hund.", "Das Kind und die Katze."],
                             "target_lang": "EN", "source_lang": "DE"})")),
            expected);
  EXPECT_EQ(ask(served::form("/v2/translate",
                             "text=<b>Der</b>+Hund&target_lang=EN&"
                             "tag_handling=html"))["translations"][0]["text"],
            "<b>Der</b> Hund");
}

TEST_F(DeeplTest, WhatIsWrongIsAMessage) {
  for (const char* bad :
       {"target_lang=EN", "text=a", "text=a&target_lang=FR", "text=a&target_lang=EN&source_lang=FR",
        "text=a&target_lang=EN&source_lang=EN"}) {
    EXPECT_TRUE(ask(served::form("/v2/translate", bad), 400).contains("message")) << bad;
  }
}

TEST_F(DeeplTest, WhatItDoesNotKnowIsIgnoredAsDeeplDoes) {
  EXPECT_EQ(ask(served::post("/v2/translate", R"({"text": ["a"], "target_lang": "EN",
                             "source_lang": "DE", "formality": "more", "x": [1]})"))["translations"]
                                                                                    [0]["text"],
            "a");
  for (const char* tags : {"html5", "HTML", "json"}) {
    EXPECT_EQ(ask(served::form("/v2/translate",
                               std::string("text=a&target_lang=EN&tag_handling=") + tags),
                  400)["message"],
              "Value for 'tag_handling' not supported.");
  }
  ask(served::post("/v2/translate",
                   R"({"text": ["a"], "target_lang": "EN", "tag_handling": ["html"]})"),
      400);
}

TEST_F(DeeplTest, Languages) {
  HttpRequest request = served::form("/v2/languages", "");
  request.method = "GET";
  request.query = {{"type", "target"}};
  Json languages = ask(request);
  EXPECT_EQ(languages.size(), 2u);
  EXPECT_EQ(languages[0]["language"], "DE");
  EXPECT_EQ(languages[1]["language"], "EN");
}

}  // namespace
}  // namespace heed
