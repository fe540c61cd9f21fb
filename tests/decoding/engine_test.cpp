#include "decoding/engine.h"
#include "config/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "data/letters.h"
#include "decoding/table_model.h"
#include "util/error.h"

namespace heed {
namespace {

using table::TableModel;
using tiny::Sentence;

// What a source says depends on all of its pieces.
table::Rule rule_of(const Sentence& source) {
  uint32_t hash = 17;
  for (int32_t id : source) hash = hash * 31 + static_cast<uint32_t>(id);
  return table::random_table(hash);
}

LoadedModel model_of(const table::SourceRule& rule) {
  auto both = tiny::letters();
  return {default_config(), {both, both}, std::make_shared<TableModel>(rule)};
}

EngineOptions options_of(int64_t batch_size, int64_t workers) {
  EngineOptions options;
  options.search.max_length = 9;
  options.batch_size = batch_size;
  options.workers = workers;
  return options;
}

// Texts of the vocabulary's letters, all different.
std::vector<Request> some_requests(size_t count) {
  std::vector<Request> requests;
  for (size_t i = 0; i < count; ++i) {
    std::string text;
    for (size_t rest = i + 1; rest > 0; rest /= 8) text += static_cast<char>('a' + rest % 8);
    requests.push_back({.text = text + (i % 3 == 0 ? " ab" : ""), .number = i + 1});
  }
  return requests;
}

std::vector<std::string> texts_of(const std::vector<Translated>& all) {
  std::vector<std::string> texts;
  for (const Translated& one : all) texts.push_back(one.translations.at(0).text);
  return texts;
}

std::string text_of(std::future<Translated> future) { return future.get().translations.at(0).text; }

TEST(EngineTest, ManyCallersGetWhatTheyWouldHaveHadAlone) {
  LoadedModel model = model_of(rule_of);
  constexpr size_t kCallers = 8, kEach = 60;
  std::vector<Request> requests = some_requests(kCallers * kEach);
  std::vector<std::string> expected = texts_of(Engine(model, options_of(1, 1)).translate(requests));
  EXPECT_GT(std::set<std::string>(expected.begin(), expected.end()).size(), 100u);
  Engine engine(model, options_of(7, 3));
  std::vector<std::thread> callers;
  for (size_t caller = 0; caller < kCallers; ++caller) {
    callers.emplace_back([&, caller] {
      std::vector<std::future<Translated>> futures;
      for (size_t i = 0; i < kEach; ++i) {
        futures.push_back(engine.submit(requests[caller * kEach + i], Engine::Clock::now()));
      }
      for (size_t i = 0; i < kEach; ++i) {
        EXPECT_EQ(text_of(std::move(futures[i])), expected[caller * kEach + i]);
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
}

TEST(EngineTest, ASlowLineDoesNotHoldUpThoseBehindIt) {
  std::promise<void> release;
  std::shared_future<void> released = release.get_future().share();
  auto both = tiny::letters();
  Sentence slow = both->encode("abc");
  Engine engine(model_of([=](const Sentence& source) {
                  if (source == slow) released.wait();
                  return rule_of(source);
                }),
                options_of(1, 2));
  auto first = engine.submit({.text = "abc"}, Engine::Clock::now());
  // More than a pool of batches: all of them come while the first one is stuck.
  EXPECT_EQ(engine.translate(some_requests(200)).size(), 200u);
  EXPECT_EQ(first.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  release.set_value();
  first.get();
}

TEST(EngineTest, WhatAModelThrowsReachesItsCallerAlone) {
  auto both = tiny::letters();
  Sentence bad = both->encode("bad");
  Engine engine(model_of([=](const Sentence& source) {
                  if (source == bad) fail("a bad sentence");
                  return rule_of(source);
                }),
                options_of(1, 2));
  auto failing = engine.submit({.text = "bad"}, Engine::Clock::now());
  EXPECT_THAT([&] { failing.get(); }, testing::ThrowsMessage<Error>("a bad sentence"));
  EXPECT_EQ(engine.translate(some_requests(9)).size(), 9u);
}

TEST(EngineTest, WhatHasBeenSubmittedIsTranslatedAtTheEnd) {
  std::future<Translated> future;
  {
    Engine engine(model_of(rule_of), options_of(64, 1));
    future = engine.submit({.text = "abc"});
    EXPECT_EQ(future.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  }
  EXPECT_EQ(future.wait_for(std::chrono::seconds(0)), std::future_status::ready);
}

TEST(EngineTest, ABlankRequestIsReadyAtOnce) {
  Engine engine(model_of(rule_of), options_of(64, 1));
  auto future = engine.submit({.text = " \t"});
  ASSERT_EQ(future.wait_for(std::chrono::seconds(0)), std::future_status::ready);
  EXPECT_EQ(text_of(std::move(future)), "");
}

TEST(EngineTest, ARequestMayHaveOptionsOfItsOwn) {
  LoadedModel model = model_of(rule_of);
  EngineOptions options = options_of(8, 2);
  auto three = std::make_shared<SearchOptions>(options.search);
  three->n_best = 3;
  three->want_attention = true;
  auto short_ones = std::make_shared<SearchOptions>(options.search);
  short_ones->max_length = 1;
  std::vector<Request> requests = some_requests(30);
  std::vector<std::string> expected = texts_of(Engine(model, options).translate(requests));
  for (size_t i = 0; i < requests.size(); ++i) {
    if (i % 3 == 1) requests[i].search = three;
    if (i % 3 == 2) requests[i].search = short_ones;
  }
  std::vector<Translated> all = Engine(model, options).translate(requests);
  for (size_t i = 0; i < all.size(); ++i) {
    const Translation& best = all[i].translations.at(0);
    EXPECT_EQ(all[i].translations.size(), i % 3 == 1 ? 3u : 1u);
    EXPECT_EQ(best.attention.empty(), i % 3 != 1);
    if (i % 3 == 2) {
      EXPECT_LE(best.length, 2);
    } else {
      EXPECT_EQ(best.text, expected[i]);
    }
  }
}

TEST(EngineTest, WhatIsNoLongerWantedIsNotSearchedFor) {
  LoadedModel model = model_of(rule_of);
  Engine engine(model, options_of(8, 1));
  Request request{.text = "ab", .cancelled = std::make_shared<std::atomic<bool>>(true)};
  std::future<Translated> unwanted = engine.submit(request);
  std::future<Translated> wanted = engine.submit({.text = "ab"});
  engine.hurry();
  EXPECT_THROW(unwanted.get(), Error);
  EXPECT_FALSE(text_of(std::move(wanted)).empty());
}

TEST(EngineTest, ADraftGrowsIntoTheTranslation) {
  for (int64_t beam : {1, 5}) {
    EngineOptions options = options_of(8, 2);
    options.search.beam_size = beam;
    Engine engine(model_of(rule_of), options);
    std::vector<Request> requests = some_requests(40);
    std::vector<std::string> expected = texts_of(engine.translate(requests));
    std::vector<std::vector<Draft>> heard(requests.size());
    for (size_t i = 0; i < requests.size(); ++i) {
      requests[i].listen = [&, i](const Draft& draft) { heard[i].push_back(draft); };
    }
    EXPECT_EQ(texts_of(engine.translate(requests)), expected);
    size_t drafts = 0;
    for (size_t i = 0; i < requests.size(); ++i) {
      std::string settled;
      for (const Draft& draft : heard[i]) {
        EXPECT_THAT(draft.settled, testing::StartsWith(settled));
        settled = draft.settled;
        EXPECT_TRUE(beam > 1 || draft.likely.empty());
      }
      drafts += heard[i].size();
      EXPECT_THAT(expected[i], testing::StartsWith(settled));
    }
    EXPECT_GT(drafts, requests.size());
  }
}

TEST(EngineTest, ASearchEndsOnceItsListenerHasGone) {
  LoadedModel model = model_of([](const Sentence&) {
    return table::Rule([](const Sentence&) { return table::Row{0, 0, 0, 0.01, 0.9, 0.09, 0}; });
  });
  Engine engine(model, options_of(8, 1));
  auto cancelled = std::make_shared<std::atomic<bool>>(false);
  Request request{.text = "ab", .cancelled = cancelled};
  int heard = 0;
  request.listen = [&](const Draft&) { *cancelled = ++heard == 2; };
  std::future<Translated> unwanted = engine.submit(request, Engine::Clock::now());
  EXPECT_THAT([&] { unwanted.get(); },
              testing::ThrowsMessage<Error>("the translation was called off"));
  EXPECT_EQ(heard, 2);
}

}  // namespace
}  // namespace heed
