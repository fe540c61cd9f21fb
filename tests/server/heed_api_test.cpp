#include "server/heed_api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "server/served.h"
#include "util/text.h"

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

TEST(HeedApi, SamplesHoldNoPhrases) {
  auto load = [](const std::string& folder) {
    auto loaded = served::load(folder);
    loaded.second.search.sampling_top_k = 3;
    return loaded;
  };
  Service service(served::config(), [&] { return Catalogue({{"de-en"}}, load); });
  Router router;
  add_heed_api(router, service);
  auto ask = [&](const Json& more) {
    Json query = {{"q", "the dog"}, {"source", "de"}, {"target", "en"}};
    query.update(more);
    return router(served::post("/v1/translate", query.dump()));
  };
  for (const Json& more : {Json{{"constraints", {"fox"}}}, Json{{"glossary", {{"dog", "cat"}}}},
                           Json{{"constraints", {"fox"}}, {"stream", true}}}) {
    HttpAnswer answer = ask(more);
    EXPECT_EQ(answer.status, 400) << more;
    EXPECT_THAT(answer.body, HasSubstr("sampling_top_k = 3")) << more;
  }
  EXPECT_EQ(ask({{"prefix", "tha"}}).status, 200);
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

TEST_F(HeedApiTest, FieldsThatThereAreNotAreRefused) {
  EXPECT_EQ(refused({{"nbest", 3}}),
            "Invalid request: there is no field \"nbest\"; did you mean n_best?");
  EXPECT_THAT(refused({{"zzzzzz", nullptr}}), HasSubstr("the fields are q, source, target"));
  HttpAnswer answer = ask({{"beam_size", 3}}, "/v1/alternatives");
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("beam_size"));
  EXPECT_THAT(refused({{"source", {"de"}}}), HasSubstr("source must be text, and is a list"));
  EXPECT_THAT(refused({{"alignment", "perhaps"}}), HasSubstr("alignment = perhaps"));
  answer = ask({{"prefix", {"the"}}}, "/v1/alternatives");
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("prefix must be text, and is a list"));
}

TEST_F(HeedApiTest, WhatTheModelCannotSeeIsWarnedOf) {
  EXPECT_FALSE(good({})["translations"][0].contains("warnings"));
  Json answer = good({{"q", {"the 犬. the 犬.", "the"}}});
  EXPECT_EQ(answer["translations"][0]["warnings"],
            Json::array({"the vocabulary does not have 犬: the model does not see it"}));
  EXPECT_FALSE(answer["translations"][1].contains("warnings"));
  answer = good({{"constraints", {"犬"}}});
  EXPECT_EQ(answer["translations"][0]["warnings"],
            Json::array({"phrase: \"犬\" has characters that the vocabulary does not know"}));
  Json prefixed = {{"prefix", "犬"}};
  Json expected = Json::array({"prefix: \"犬\" has characters that the vocabulary does not know"});
  EXPECT_EQ(good(prefixed)["translations"][0]["warnings"], expected);
  EXPECT_EQ(Json::parse(ask(prefixed, "/v1/alternatives").body)["warnings"], expected);
  EXPECT_FALSE(Json::parse(ask({}, "/v1/alternatives").body).contains("warnings"));
}

TEST_F(HeedApiTest, WarningsAreFew) {
  std::string text;
  for (char32_t c = 0x4E00; c < 0x4E00 + 2000; ++c) {
    append_utf8(text, c);
    text += ' ';
    if (c % 20 == 0) text += ". The dog. ";
  }
  Json warnings = good({{"q", text}})["translations"][0]["warnings"];
  EXPECT_EQ(warnings.size(), 20u);
  EXPECT_THAT(warnings[1].get<std::string>(), HasSubstr(" and 10 more: the model"));
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

TEST_F(HeedApiTest, DemandsBeyondEveryTranslationAreRefused) {
  std::string words(5000, 'a');
  for (const Json& more : {Json{{"prefix", words}}, Json{{"constraints", {"the", words}}}}) {
    HttpAnswer answer = ask(more);
    EXPECT_EQ(answer.status, 400);
    EXPECT_THAT(answer.body, HasSubstr("and the longest translation has "));
  }
  EXPECT_EQ(ask({{"prefix", words}}, "/v1/alternatives").status, 400);
}

// A model that takes each further piece only when the caller has heard of those before.
class Attentive : public Inference {
 public:
  // Of the caller and the search.
  struct Steps {
    std::mutex mutex;
    std::condition_variable changed;
    int heard = 0, taken = 0;

    void hear(int more) {
      std::lock_guard lock(mutex);
      heard += more;
      changed.notify_all();
    }
    void take() {
      std::unique_lock lock(mutex);
      EXPECT_TRUE(changed.wait_for(lock, std::chrono::seconds(60), [&] { return heard >= taken; }));
      ++taken;
    }
  };

  Attentive(std::shared_ptr<const Inference> model, std::shared_ptr<Steps> steps)
      : model_(std::move(model)), steps_(std::move(steps)) {}
  std::unique_ptr<Decoding> begin(const IdMatrix& source,
                                  const DecodingWants& wants) const override {
    return std::make_unique<Attending>(model_->begin(source, wants), *steps_);
  }
  ForcedTargets force(const Batch& batch, bool attention) const override {
    return model_->force(batch, attention);
  }
  std::vector<AttentionMap> heads(const Batch&) const override { return {}; }
  int64_t preferred_rows() const override { return 0; }
  int64_t parallel_batches() const override { return 1; }
  void enter_worker() const override {}

 private:
  class Attending : public Decoding {
   public:
    Attending(std::unique_ptr<Decoding> decoding, Steps& steps)
        : decoding_(std::move(decoding)), steps_(steps) {}
    void take(const std::vector<int64_t>& last) override {
      steps_.take();
      decoding_->take(last);
    }
    BestPieces best(const BestQuery& query) const override { return decoding_->best(query); }
    FloatMatrix log_probabilities() const override { return decoding_->log_probabilities(); }
    FloatMatrix attention() const override { return decoding_->attention(); }
    void keep(const std::vector<int64_t>& rows, const std::vector<int64_t>* sentences) override {
      decoding_->keep(rows, sentences);
    }

   private:
    std::unique_ptr<Decoding> decoding_;
    Steps& steps_;
  };

  std::shared_ptr<const Inference> model_;
  std::shared_ptr<Steps> steps_;
};

class PiecesTest : public ::testing::Test {
 protected:
  PiecesTest() { add_heed_api(router_, *service_); }

  Catalogue load() const {
    return Catalogue({{"de-en"}}, [steps = steps_](const std::string& folder) {
      auto loaded = served::load(folder);
      loaded.first.inference = std::make_shared<Attentive>(loaded.first.inference, steps);
      return loaded;
    });
  }
  HttpAnswer ask(int beam) {
    Json query = {{"q", "the dog"},
                  {"source", "de"},
                  {"target", "en"},
                  {"beam_size", beam},
                  {"pieces", true}};
    return router_(served::post("/v1/translate", query.dump()));
  }

  std::shared_ptr<Attentive::Steps> steps_ = std::make_shared<Attentive::Steps>();
  std::unique_ptr<Service> service_ =
      std::make_unique<Service>(served::config(), [this] { return load(); });
  Router router_;
};

// Each event is there before the next piece is searched for, or the search would wait in vain.
TEST_F(PiecesTest, GoOutWhileTheSearchGoesOn) {
  for (int beam : {1, 3}) {
    steps_->heard = steps_->taken = 0;
    std::vector<Json> heard;
    HttpAnswer answer = ask(beam);
    EXPECT_EQ(answer.content_type, "text/event-stream");
    answer.stream([&](std::string_view event) {
      heard.push_back(Json::parse(event.substr(6)));
      steps_->hear(1);
      return true;
    });
    ASSERT_GE(heard.size(), 9u);
    std::string settled;
    for (size_t i = 0; i + 2 < heard.size(); ++i) {
      EXPECT_EQ(heard[i]["index"], 0);
      std::string now = heard[i]["settled"];
      EXPECT_THAT(now, ::testing::StartsWith(settled));
      // Of one hypothesis every piece stays; the first is the mark of a word.
      EXPECT_TRUE(beam > 1 || now == std::string("the dog").substr(0, i)) << now;
      EXPECT_TRUE(beam > 1 || heard[i]["likely"] == "");
      settled = now;
    }
    EXPECT_THAT("the dog", ::testing::StartsWith(settled));
    EXPECT_EQ(heard[heard.size() - 2]["sentence"], "the dog");
    EXPECT_EQ(heard.back()["translations"][0]["text"], "the dog");
  }
}

TEST_F(PiecesTest, ACallerThatLeavesEndsTheSearch) {
  {
    HttpAnswer answer = ask(1);
    answer.stream([&](std::string_view) { return false; });
  }
  steps_->hear(1000);
  service_.reset();  // what is still searched for ends
  EXPECT_LE(steps_->taken, 2);
}

}  // namespace
}  // namespace heed
