// Each option of the search held against all sequences there are, or against its paper's words in
// the plainest code, on models that are tables.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <span>

#include "decoding/phrases.h"
#include "decoding/table_model.h"
#include "util/error.h"

namespace heed {
namespace {

using namespace table;

// With a beam of 700 nothing of up to `longest` = 4 pieces is lost.
SearchOptions wide(int64_t longest) {
  SearchOptions options;
  options.beam_size = options.n_best = 700;
  options.max_length = longest;
  return options;
}

SearchOptions narrow(int64_t size, int64_t longest) {
  SearchOptions options;
  options.beam_size = options.n_best = size;
  options.max_length = longest;
  return options;
}

std::vector<Sentence> texts(const std::vector<Hypothesis>& found) {
  std::vector<Sentence> all;
  for (const Hypothesis& one : found) all.push_back(one.ids);
  return all;
}

// Diverse beam search (Vijayakumar et al. 2016, algorithm 1) to the length limit, where all that is
// left gets its end symbol, with no stop before; one group is a plain beam.
struct PlainBeam {
  const Rule& table;
  int64_t groups, size, longest;  // size of each group
  double penalty, length_penalty;

  std::vector<Hypothesis> run() {
    std::vector<std::vector<Hypothesis>> live(groups, std::vector<Hypothesis>(1));
    for (int64_t length = 0; length <= longest; ++length) {
      std::map<int32_t, int> taken;
      for (auto& group : live) group = advance(group, taken, length == longest);
    }
    return ranked(finished, length_penalty);
  }

  std::vector<Hypothesis> advance(const std::vector<Hypothesis>& group,
                                  std::map<int32_t, int>& taken, bool last) {
    struct Choice {
      Hypothesis to;
      int32_t id;
      double total;
    };
    std::vector<Choice> choices;
    for (const Hypothesis& from : group) {
      Row next = table(from.ids);
      for (int32_t id : {1, 3, 4, 5, 6}) {
        Choice choice{from, id, 0};
        choice.to.log_probability += std::log(next[id]);
        choice.total = choice.to.log_probability - penalty * taken[id];
        if (id != kSpecial.end) choice.to.ids.push_back(id);
        choices.push_back(choice);
      }
    }
    std::ranges::stable_sort(choices, std::greater<>(), &Choice::total);
    std::vector<Hypothesis> stay;
    for (int64_t rank = 0; rank < static_cast<int64_t>(choices.size()); ++rank) {
      bool ends = choices[rank].id == kSpecial.end && (rank < size || last);
      if (ends) finished.push_back(choices[rank].to);
      bool room = static_cast<int64_t>(stay.size()) < size;
      if (choices[rank].id != kSpecial.end && room && !last) stay.push_back(choices[rank].to);
    }
    for (const Hypothesis& one : stay) ++taken[one.ids.back()];
    return stay;
  }

  std::vector<Hypothesis> finished = {};
};

// The end symbol is offered at the very limit too: all 341 sequences of up to four pieces.
TEST(SearchModesTest, AWideBeamFindsEverySequenceUpToTheLimit) {
  for (double penalty : {0.0, 1.0, -0.5}) {
    Rule table = random_table(1);
    SearchOptions options = wide(4);
    options.length_penalty = penalty;
    auto found = search_table(table, options);
    auto expected = ranked(all_hypotheses(table, 4), penalty);
    ASSERT_EQ(found.size(), 341u);
    for (size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i].score, expected[i].score, 1e-4);
    EXPECT_EQ(found[0].ids, expected[0].ids);
  }
}

TEST(SearchModesTest, AProbabilityThatIsNoNumberIsAnError) {
  Rule table = [](const Sentence& prefix) {
    return prefix.size() < 2 ? Row{0, 0.1, 0, 0.3, 0.6, 0, 0} : Row(7, std::nan(""));
  };
  SearchOptions sampling = narrow(1, 6), whole = narrow(2, 6);
  sampling.sampling_top_k = 3;
  whole.no_repeat_ngram = 2;
  for (const SearchOptions& options : {narrow(1, 6), narrow(3, 6), sampling, whole}) {
    EXPECT_THAT([&] { search_table(table, options); },
                ::testing::ThrowsMessage<Error>(::testing::HasSubstr("is no number")));
  }
  EXPECT_NO_THROW(search_table(table, narrow(2, 1)));
}

TEST(SearchModesTest, CutTranslationsStandWhereTheirScorePutsThem) {
  // To end is never likely, to go on with 4 always is: the longest text is best though it is cut.
  Rule table = [](const Sentence& prefix) {
    return prefix.empty() ? Row{0, 0.01, 0, 0.29, 0.7, 0, 0} : Row{0, 0, 0, 0.05, 0.95, 0, 0};
  };
  auto found = search_table(table, narrow(2, 6));
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].ids, Sentence(6, 4));
  double expected = std::log(0.7) + 5 * std::log(0.95) + std::log(0.05);
  EXPECT_NEAR(found[0].log_probability, expected, 1e-4);
  EXPECT_NEAR(found[0].score, expected / 7, 1e-4);
  EXPECT_LE(found[1].score, found[0].score);
}

TEST(SearchModesTest, ExactStoppingLosesNothingThatTheBeamWouldFind) {
  int better_than_estimate = 0;
  int64_t exact_steps = 0, all_steps = 0;
  for (uint32_t seed = 0; seed < 60; ++seed) {
    Rule table = random_table(seed, 3, 4);
    SearchOptions options = narrow(3, 9);
    options.n_best = 1;
    options.early_stopping = "exact";
    TableModel model(table);
    auto found = search(model, tiny::sources({{4}}), kSpecial, options)[0];
    auto expected = PlainBeam{table, 1, 3, 9, 0, 1}.run();
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].ids, expected[0].ids) << seed;
    options.early_stopping = "estimate";
    better_than_estimate += search_table(table, options)[0].score < found[0].score - 1e-6 ? 1 : 0;
    exact_steps += model.steps();
    all_steps += 1 + 9 * 3;
  }
  EXPECT_GT(better_than_estimate, 0);
  EXPECT_LT(exact_steps, all_steps);
}

TEST(SearchModesTest, DiverseGroupsAreThoseOfThePaper) {
  int different = 0;
  for (uint32_t seed = 0; seed < 30; ++seed) {
    Rule table = random_table(seed, 1, 3);
    SearchOptions options = narrow(6, 5);
    options.n_best = 100;
    options.beam_groups = 3;
    options.diversity_penalty = 0.8;
    // So long texts win by far, and an exact stop comes at the limit alone.
    options.early_stopping = "exact";
    options.length_penalty = 10;
    auto found = search_table(table, options);
    auto all = PlainBeam{table, 3, 2, 5, 0.8, 10}.run();
    std::map<Sentence, double> expected;
    for (const Hypothesis& one : all) expected[one.ids] = one.log_probability;
    EXPECT_EQ(found.size(), expected.size()) << seed;
    for (const Hypothesis& one : found) {
      ASSERT_TRUE(expected.contains(one.ids)) << seed;
      EXPECT_NEAR(one.log_probability, expected[one.ids], 1e-4);  // without the penalty
    }
    options.beam_groups = 1;
    different += texts(search_table(table, options)) != texts(found) ? 1 : 0;
  }
  EXPECT_GT(different, 20);
}

// First pieces of what is found, each counted once.
size_t first_pieces(const std::vector<Hypothesis>& found) {
  std::set<int32_t> first;
  for (const Hypothesis& one : found) first.insert(one.ids.empty() ? kSpecial.end : one.ids[0]);
  return first.size();
}

TEST(SearchModesTest, MorePenaltyMakesGroupsMoreDiverse) {
  size_t plain = 0, diverse = 0;
  for (uint32_t seed = 0; seed < 20; ++seed) {
    SearchOptions options = narrow(4, 5);
    options.beam_groups = 4;
    options.diversity_penalty = 0;
    plain += search_table(random_table(seed, 1, 5), options).size();
    EXPECT_EQ(search_table(random_table(seed, 1, 5), options).size(), 1u);  // four times the same
    options.diversity_penalty = 100;
    auto found = search_table(random_table(seed, 1, 5), options);
    EXPECT_EQ(first_pieces(found), found.size());
    diverse += found.size();
  }
  EXPECT_GT(diverse, 2 * plain);
}

TEST(SearchModesTest, PrefixesAreKeptAndWhatFollowsIsTheBest) {
  Rule table = random_table(3);
  for (const Sentence& prefix : {Sentence{5}, Sentence{6, 6}, Sentence{1, 4, 5}}) {
    Demand demand{0, prefix, {}};
    auto expected = all_hypotheses(table, 4);
    std::erase_if(expected, [&](const Hypothesis& one) {
      return one.ids.size() < prefix.size() ||
             !std::equal(prefix.begin(), prefix.end(), one.ids.begin());
    });
    expected = ranked(expected, 1);
    auto found = search_table(table, wide(4), demand);
    ASSERT_EQ(found.size(), expected.size());
    for (size_t i = 0; i < found.size(); ++i) {
      EXPECT_EQ(found[i].ids, expected[i].ids);
      EXPECT_NEAR(found[i].score, expected[i].score, 1e-4);
    }
  }
}

TEST(SearchModesTest, APrefixStandsAboveOtherRulesAndTheLimit) {
  SearchOptions options = narrow(2, 2);
  options.no_repeat_ngram = 1;
  auto found = search_table(random_table(4), options, {0, {4, 4, 4, 4}, {}});
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found[0].ids, Sentence(4, 4));
}

TEST(SearchModesTest, PhrasesStandInEveryTranslationAndItIsTheBest) {
  Rule table = random_table(5, 3);
  for (const Phrases& phrases : {Phrases{{6}}, Phrases{{5, 4}}, Phrases{{4, 4}, {6}}}) {
    Demand demand{0, {}, phrases};
    auto expected = all_hypotheses(table, 4);
    std::erase_if(expected, [&](const Hypothesis& one) {
      return !phrase_progress(phrases, one.ids).complete;
    });
    expected = ranked(expected, 1);
    auto found = search_table(table, wide(4), demand);
    // Those that the limit has kept from it come behind.
    ASSERT_GE(found.size(), expected.size());
    for (size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(found[i].ids, expected[i].ids);
  }
}

TEST(SearchModesTest, ANarrowBeamHoldsPhrasesTooThatTheModelWouldNeverSay) {
  // 5 and 6 are next to impossible, and the end comes soon.
  Rule table = [](const Sentence&) { return Row{0, 0.2, 0, 0.5, 0.3 - 2e-7, 1e-7, 1e-7}; };
  for (int64_t size : {1, 2, 5}) {
    Phrases phrases = {{5, 6}, {6, 6}};
    auto found = search_table(table, narrow(size, 12), {0, {}, phrases});
    ASSERT_FALSE(found.empty());
    EXPECT_TRUE(phrase_progress(phrases, found[0].ids).complete) << size;
    EXPECT_FALSE(phrase_progress(phrases, search_table(table, narrow(size, 12))[0].ids).complete);
  }
}

TEST(SearchModesTest, CoverageFavoursWhatLooksAtAllOfTheSource) {
  // 4 and 5 are as good as each other; 4 looks at the first piece alone, 5 at both in turn.
  Rule table = [](const Sentence& prefix) {
    return prefix.size() < 2 ? Row{0, 0, 0, 0.02, 0.5, 0.48, 0} : Row{0, 0, 0, 1, 0, 0, 0};
  };
  Rule attention = [](const Sentence& prefix) {
    if (prefix.empty()) return Row{1, 0, 0};
    return prefix.back() == 5 ? Row{0, 1, 0} : Row{1, 0, 0};
  };
  SearchOptions options = narrow(4, 3);
  options.n_best = 1;
  TableModel model(table, attention);
  auto best = [&] { return search(model, tiny::sources({{4, 5}}), kSpecial, options)[0][0]; };
  EXPECT_EQ(best().ids, (Sentence{4, 4}));
  options.coverage_penalty = 0.2;
  Hypothesis covering = best();
  EXPECT_EQ(std::ranges::count(covering.ids, 5), 1);
  auto scored =
      score_targets(model, {Sentence{4, 5}}, {covering.ids}, kSpecial, kSpecial, options)[0];
  EXPECT_NEAR(scored.score, covering.score, 1e-5);
}

SearchOptions sampling(int64_t samples) {
  SearchOptions options;
  options.sampling_top_p = 1;
  options.n_best = samples;
  options.max_length = 3;
  return options;
}

TEST(SearchModesTest, SamplesComeByTheirProbability) {
  constexpr int64_t kSamples = 4000;
  Rule table = random_table(6, 2);
  std::map<Sentence, int> counts;
  for (const auto& one : search_table(table, sampling(kSamples))) {
    if (one.ended) ++counts[one.ids];
  }
  for (const Hypothesis& one : all_hypotheses(table, 3)) {
    double p = std::exp(one.log_probability);
    EXPECT_NEAR(counts[one.ids], p * kSamples, 5 * std::sqrt(p * kSamples) + 1);
  }
}

TEST(SearchModesTest, SamplesTellTheModelsOwnProbability) {
  Rule table = random_table(7);
  SearchOptions options = sampling(20);
  options.temperature = 0.5;
  options.sampling_top_k = 3;
  std::map<Sentence, double> expected;
  for (const auto& one : all_hypotheses(table, 3)) expected[one.ids] = one.log_probability;
  for (const Hypothesis& one : search_table(table, options)) {
    EXPECT_NEAR(one.log_probability, expected[one.ids], 1e-4);
  }
}

TEST(SearchModesTest, TemperatureSharpensAndFlattens) {
  auto distinct = [](double temperature) {
    SearchOptions options = sampling(300);
    options.temperature = temperature;
    auto found = texts(search_table(random_table(8), options));
    return std::set<Sentence>(found.begin(), found.end()).size();
  };
  EXPECT_LT(distinct(0.2), distinct(1));
  EXPECT_LT(distinct(1), distinct(5));
  EXPECT_EQ(distinct(0.001), 1u);
}

TEST(SearchModesTest, TheMostProbablePieceAloneIsGreedy) {
  for (uint32_t seed = 0; seed < 10; ++seed) {
    SearchOptions greedy = narrow(1, 6), one = sampling(1), tiny_nucleus = sampling(1);
    one.sampling_top_k = 1;
    tiny_nucleus.sampling_top_p = 1e-6;
    one.max_length = tiny_nucleus.max_length = 6;
    auto expected = texts(search_table(random_table(seed), greedy));
    EXPECT_EQ(texts(search_table(random_table(seed), one)), expected);
    EXPECT_EQ(texts(search_table(random_table(seed), tiny_nucleus)), expected);
  }
}

// Neither the batch nor how many samples are asked for changes a sample; the seed does.
TEST(SearchModesTest, ASampleDependsOnItsSeedAndSentenceAlone) {
  TableModel model([](const Sentence& source) {
    return random_table(static_cast<uint32_t>(source[0] + 31 * source.size()));
  });
  auto sources = tiny::random_sentences(6, 6, 47);
  std::vector<Demand> demands;
  for (uint64_t i = 0; i < sources.size(); ++i) demands.push_back({100 + i, {}, {}});
  SearchOptions options = sampling(3);
  options.max_length = 8;
  auto together = search(model, tiny::sources(sources), kSpecial, options, demands);
  std::set<Sentence> all;
  for (size_t i = 0; i < sources.size(); ++i) {
    SearchOptions fewer = options;
    fewer.n_best = 1;
    auto alone = search(model, tiny::sources({sources[i]}), kSpecial, fewer, {demands[i]})[0];
    ASSERT_EQ(together[i].size(), 3u);
    EXPECT_EQ(alone[0].ids, together[i][0].ids);
    for (const Hypothesis& one : together[i]) all.insert(one.ids);
  }
  EXPECT_GT(all.size(), 12u);
  options.seed = 2;
  auto other = search(model, tiny::sources(sources), kSpecial, options, demands);
  EXPECT_NE(texts(other[0]), texts(together[0]));
}

TEST(SearchModesTest, FewerResultsAreTheFirstOfMore) {
  for (bool exact : {false, true}) {
    SearchOptions five = narrow(5, 8);
    five.early_stopping = *five.early_stopping.find(exact ? "exact" : "estimate");
    auto all = search_table(random_table(9, 2, 3), five);
    five.n_best = 1;
    auto first = search_table(random_table(9, 2, 3), five);
    ASSERT_EQ(first.size(), 1u);
    EXPECT_EQ(first[0].ids, all[0].ids);
  }
}

// What is settled never shrinks, and the best translation begins with it.
TEST(SearchWatchTest, WhatIsSettledStays) {
  size_t likely_alone = 0;
  for (uint32_t seed = 0; seed < 90; ++seed) {
    SearchOptions options = narrow(std::vector<int64_t>{1, 4, 6}[seed % 3], 9);
    options.n_best = 1;
    if (seed % 9 == 8) options.beam_groups = 2;
    if (seed % 9 == 3) options.sampling_top_k = 5;
    Demand demand;
    if (seed % 5 == 1) demand.prefix = {5, 6};
    if (seed % 5 == 2) demand.phrases = {{6, 4}};
    auto expected = search_table(random_table(seed, 0.5, 5), options, demand);
    std::vector<SearchNews> heard;
    demand.watch = [&](const SearchNews& news) {
      heard.push_back(news);
      return true;
    };
    auto found = search_table(random_table(seed, 0.5, 5), options, demand);
    ASSERT_EQ(found.size(), 1u) << seed;
    EXPECT_EQ(found[0].ids, expected[0].ids) << seed;
    size_t settled = 0;
    for (size_t i = 0; i < heard.size(); ++i) {
      EXPECT_EQ(heard[i].ids.size(), i + 1);
      EXPECT_GE(heard[i].settled, settled) << seed;
      settled = heard[i].settled;
      likely_alone += i + 1 - settled;
      ASSERT_LE(settled, found[0].ids.size()) << seed;
      EXPECT_TRUE(std::ranges::equal(std::span(heard[i].ids).first(settled),
                                     std::span(found[0].ids).first(settled)))
          << seed;
    }
    EXPECT_TRUE(options.beam_size > 1 || settled == found[0].ids.size());  // greedy: all of it
  }
  EXPECT_GT(likely_alone, 0u);
}

TEST(SearchWatchTest, WhatIsNoLongerWantedIsDroppedAndItsNeighboursStay) {
  Rule table = [](const Sentence&) { return Row{0, 0.01, 0, 0.1, 0.5, 0.3, 0.09}; };
  TableModel model(table);
  std::vector<Demand> demands(3);
  int calls = 0;
  demands[1].watch = [&](const SearchNews&) { return ++calls < 3; };
  auto sources = tiny::sources({{4}, {4, 5}, {4}});
  for (int64_t groups : {1, 2}) {
    calls = 0;
    SearchOptions options = narrow(2, 8);
    options.beam_groups = groups;
    auto alone = search(model, sources, kSpecial, options);
    auto found = search(model, sources, kSpecial, options, demands);
    EXPECT_EQ(calls, 3);
    EXPECT_TRUE(found[1].empty());
    EXPECT_EQ(texts(found[0]), texts(alone[0]));
    EXPECT_EQ(texts(found[2]), texts(alone[2]));
  }
}

}  // namespace
}  // namespace heed
