#include "server/heed_api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/served.h"

namespace heed {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::json;

class HeedApiTest : public ::testing::Test {
 protected:
  HeedApiTest() { add_heed_api(router_, service_); }

  HttpAnswer ask(const Json& more, const std::string& path = "/v1/translate") {
    Json query = {{"q", "the dog"}, {"source", "de"}, {"target", "en"}};
    if (!more.empty()) query.update(more);
    return router_(served::post(path, query.dump()));
  }
  Json good(const Json& more) {
    HttpAnswer answer = ask(more);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return Json::parse(answer.body);
  }
  std::string refused(const Json& more) {
    HttpAnswer answer = ask(more);
    EXPECT_EQ(answer.status, 400) << answer.body;
    return Json::parse(answer.body)["error"];
  }

  Service service_{served::config(), [] { return served::catalogue({"de-en"}); }};
  Router router_;
};

TEST_F(HeedApiTest, GivesWhatIsAskedFor) {
  Json answer = good({});
  EXPECT_EQ(answer["translations"][0]["text"], "the dog");
  EXPECT_EQ(answer["source"], "de");
  EXPECT_FALSE(answer["translations"][0].contains("attention"));
  answer = good({{"q", {"One.", "Two. Three."}}, {"n_best", 3}, {"attention", true}});
  ASSERT_EQ(answer["translations"].size(), 2u);
  const Json& two = answer["translations"][1];
  EXPECT_EQ(two["source_words"], Json({"Two.", "Three."}));
  EXPECT_EQ(two["target_words"], Json({"Two.", "Three."}));
  EXPECT_EQ(two["n_best"][0]["text"], "Two. Three.");
  ASSERT_EQ(two["attention"].size(), 2u);
  EXPECT_EQ(two["attention"][0].size(), 2u);
  EXPECT_EQ(two["attention"][0][1], 0);  // of another sentence
}

TEST_F(HeedApiTest, TagsAreNoWordsOfTheText) {
  Json answer = good({{"tags", {"x", "y"}}, {"alignment", true}});
  EXPECT_EQ(answer["translations"][0]["source_words"], Json({"the", "dog"}));
  EXPECT_EQ(answer["translations"][0]["text"], "x y the dog");  // the model copies all it sees
  for (const Json& link : answer["translations"][0]["alignment"]) EXPECT_LT(link[0], 2);
}

TEST_F(HeedApiTest, DemandsAreHeld) {
  EXPECT_THAT(good({{"prefix", "tha"}})["translations"][0]["text"].get<std::string>(),
              ::testing::StartsWith("tha"));
  EXPECT_THAT(good({{"constraints", {"fox"}}})["translations"][0]["text"].get<std::string>(),
              HasSubstr("fox"));
  EXPECT_THAT(good({{"glossary", {{"dog", "cat"}}}})["translations"][0]["text"].get<std::string>(),
              HasSubstr("cat"));
}

TEST_F(HeedApiTest, WhatIsWrongIsSaid) {
  EXPECT_THAT(refused({{"q", Json::array()}}), HasSubstr("missing q"));
  EXPECT_THAT(refused({{"q", 5}}), HasSubstr("q must be text"));
  EXPECT_THAT(refused({{"beam_size", 1000}}), HasSubstr("beam_size = 1000"));
  EXPECT_THAT(refused({{"n_best", 0}}), HasSubstr("n_best = 0"));
  EXPECT_THAT(refused({{"glossary", {"a"}}}), HasSubstr("glossary"));
  EXPECT_THAT(refused({{"glossary", {{"a", 1}}}}), HasSubstr("glossary"));
  EXPECT_THAT(refused({{"prefix", {"a", "b"}}}), HasSubstr("2 prefixes for 1 texts"));
  EXPECT_THAT(refused({{"source", "zz"}}), HasSubstr("zz is not supported"));
}

TEST_F(HeedApiTest, StreamsEachSentence) {
  HttpAnswer answer = ask({{"q", "One. Two."}, {"stream", true}});
  ASSERT_TRUE(answer.stream);
  EXPECT_EQ(answer.content_type, "text/event-stream");
  std::string heard;
  answer.stream([&](std::string_view event) {
    heard += event;
    return true;
  });
  EXPECT_THAT(heard, HasSubstr("\"so_far\":\"One. \",\"done\":1,\"all\":2}\n\n"));
  EXPECT_THAT(heard, HasSubstr("data: {\"translations\":[{\"text\":\"One. Two.\""));
}

TEST_F(HeedApiTest, Alternatives) {
  HttpAnswer answer = ask({{"prefix", "the"}, {"count", 3}}, "/v1/alternatives");
  Json found = Json::parse(answer.body)["alternatives"];
  EXPECT_EQ(found[0]["word"], "dog");
  EXPECT_EQ(ask({{"count", 0}}, "/v1/alternatives").status, 400);
  EXPECT_EQ(ask({{"q", {"a", "b"}}}, "/v1/alternatives").status, 400);
}

}  // namespace
}  // namespace heed
