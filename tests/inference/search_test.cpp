// Search and scoring with models of every kind there is.
#include "decoding/search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include "kernels/torch.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "decoding/score.h"
#include "inference/compiled.h"

namespace heed {
namespace {

const SpecialIds kSpecial{};
using tiny::Sentence;

std::vector<tiny::NamedConfig> few_configs() {
  auto bahdanau = tiny::recurrent_config();
  bahdanau.decoder_order = "bahdanau";
  bahdanau.cell = "lstm";
  return {{"transformer", tiny::transformer_config()},
          {"luong", tiny::recurrent_config()},
          {"bahdanau", bahdanau}};
}

std::vector<Hypothesis> search_one(Seq2Seq& model, const Sentence& source,
                                   const SearchOptions& options) {
  return tiny::search(model, {source}, options)[0];
}

SearchOptions beam_of(int64_t size) {
  SearchOptions options;
  options.beam_size = options.n_best = size;
  return options;
}

// Gives the end symbol a logit that it always or never wins with.
void set_end_bias(Seq2Seq& model, double bias) {
  torch::NoGradGuard no_gradient;
  model.named_parameters()["vocabulary.output_bias"][kSpecial.end].fill_(bias);
}

// All sequences of up to `longest` of the pieces that a vocabulary of 7 leaves.
std::vector<Sentence> all_sequences(size_t longest) {
  std::vector<Sentence> all = {{}};
  for (size_t from = 0; from < all.size(); ++from) {
    if (all[from].size() == longest) continue;
    for (int32_t id : {1, 4, 5, 6}) {
      Sentence next = all[from];
      next.push_back(id);
      all.push_back(next);
    }
  }
  return all;
}

std::vector<Hypothesis> brute_force(Seq2Seq& model, const Sentence& source, size_t longest,
                                    const SearchOptions& options) {
  auto targets = all_sequences(longest);
  auto scored =
      tiny::score_targets(model, std::vector<Sentence>(targets.size(), source), targets, options);
  std::ranges::sort(scored, std::greater<>(), &Hypothesis::score);
  return scored;
}

TEST(SearchTest, AWideBeamFindsWhatBruteForceFinds) {
  for (const auto& [name, config] : few_configs()) {
    for (double penalty : {0.0, 1.0}) {
      SCOPED_TRACE(name + " " + std::to_string(penalty));
      auto model = tiny::random_model(config, {7, 7}, 3);
      SearchOptions options = beam_of(400);
      options.length_penalty = penalty;
      options.max_length = 3;
      auto found = search_one(*model, {4, 6, 5}, options);
      auto expected = brute_force(*model, {4, 6, 5}, 3, options);
      ASSERT_EQ(expected.size(), 85u);
      ASSERT_EQ(found.size(), expected.size());
      for (size_t i = 0; i < expected.size(); ++i) {
        EXPECT_EQ(found[i].ids, expected[i].ids) << i;
        EXPECT_NEAR(found[i].score, expected[i].score, 1e-4);
      }
    }
  }
}

// The most likely piece at each step, in the plainest loop.
Hypothesis greedy(Seq2Seq& model, const Sentence& source, size_t limit) {
  Hypothesis hypothesis;
  auto inference = tiny::compiled(model);
  auto decoding = inference->begin(tiny::sources({source}), {});
  int64_t last = kSpecial.begin;
  while (true) {
    decoding->take({last});
    std::vector<float> step = decoding->log_probabilities().values, allowed = step;
    allowed[kSpecial.pad] = allowed[kSpecial.begin] = -1e30F;
    last = std::ranges::max_element(allowed) - allowed.begin();
    hypothesis.ended = last == kSpecial.end;
    if (hypothesis.ids.size() == limit) last = kSpecial.end;  // not its choice, but counted
    hypothesis.log_probability += step[last];
    if (last == kSpecial.end) break;
    hypothesis.ids.push_back(static_cast<int32_t>(last));
  }
  return hypothesis;
}

TEST(SearchTest, BeamOfOneIsGreedy) {
  auto sources = tiny::random_sentences(6, 6, 41);
  int ended = 0;
  for (const auto& [name, config] : tiny::all_configs()) {
    auto model = tiny::random_model(config);
    for (const Sentence& source : sources) {
      SCOPED_TRACE(name);
      auto found = search_one(*model, source, beam_of(1));
      Hypothesis expected = greedy(*model, source, 2 * source.size() + 10);
      ASSERT_EQ(found.size(), 1u);
      EXPECT_EQ(found[0].ids, expected.ids);
      EXPECT_EQ(found[0].ended, expected.ended);
      EXPECT_NEAR(found[0].log_probability, expected.log_probability, 1e-3);
      ended += found[0].ended ? 1 : 0;
    }
  }
  EXPECT_GT(ended, 10);  // else the test would be of cut translations alone
}

TEST(SearchTest, HypothesesAreSortedAndDifferent) {
  for (const auto& [name, config] : few_configs()) {
    SCOPED_TRACE(name);
    auto model = tiny::random_model(config);
    set_end_bias(*model, 3);
    auto found = search_one(*model, {4, 5, 6, 7}, beam_of(5));
    ASSERT_EQ(found.size(), 5u);
    std::set<Sentence> different;
    for (size_t i = 0; i < found.size(); ++i) {
      ASSERT_TRUE(found[i].ended);
      if (i > 0) {
        EXPECT_LE(found[i].score, found[i - 1].score);
      }
      different.insert(found[i].ids);
    }
    EXPECT_EQ(different.size(), 5u);
  }
}

TEST(SearchTest, ScoresAreThoseOfScoreTargets) {
  auto sources = tiny::random_sentences(5, 6, 42);
  for (const auto& [name, config] : tiny::all_configs()) {
    SCOPED_TRACE(name);
    auto model = tiny::random_model(config);
    set_end_bias(*model, 2);
    SearchOptions options = beam_of(3);
    options.length_penalty = 0.7;
    auto found = tiny::search(*model, sources, options);
    for (size_t rank = 0; rank < 3; ++rank) {
      std::vector<Sentence> targets;
      for (const auto& hypotheses : found) targets.push_back(hypotheses.at(rank).ids);
      auto scored = tiny::score_targets(*model, sources, targets, options);
      for (size_t i = 0; i < sources.size(); ++i) {
        EXPECT_NEAR(scored[i].score, found[i][rank].score, 1e-4);
        EXPECT_NEAR(scored[i].log_probability, found[i][rank].log_probability, 1e-4);
        double length = static_cast<double>(targets[i].size()) + 1;
        EXPECT_NEAR(scored[i].score, scored[i].log_probability / std::pow(length, 0.7), 1e-9);
      }
    }
  }
}

TEST(SearchTest, AWiderBeamFindsNoWorseWithoutPenalty) {
  auto model = tiny::random_model(tiny::recurrent_config(), {7, 7}, 5);
  SearchOptions options = beam_of(400);
  options.length_penalty = 0;
  options.max_length = 4;
  double best = search_one(*model, {4, 5}, options)[0].score;
  for (int64_t size : {1, 2, 4}) {
    options.beam_size = size;
    auto found = search_one(*model, {4, 5}, options);
    EXPECT_LE(found[0].score, best + 1e-5);
  }
}

TEST(SearchTest, ABatchGivesEachSentenceItsOwn) {
  auto sources = tiny::random_sentences(7, 9, 43);
  for (const auto& [name, config] : tiny::all_configs()) {
    auto model = tiny::random_model(config);
    for (int64_t size : {1, 4}) {
      SCOPED_TRACE(name + " beam " + std::to_string(size));
      auto together = tiny::search(*model, sources, beam_of(size));
      ASSERT_EQ(together.size(), sources.size());
      for (size_t i = 0; i < sources.size(); ++i) {
        auto alone = search_one(*model, sources[i], beam_of(size));
        ASSERT_EQ(together[i].size(), alone.size());
        for (size_t k = 0; k < alone.size(); ++k) {
          EXPECT_EQ(together[i][k].ids, alone[k].ids);
          EXPECT_EQ(together[i][k].ended, alone[k].ended);
          EXPECT_NEAR(together[i][k].score, alone[k].score, 1e-4);
        }
      }
    }
  }
}

TEST(SearchTest, LengthsStayWithinTheirLimits) {
  for (const auto& [name, config] : few_configs()) {
    auto model = tiny::random_model(config);
    for (int64_t size : {1, 4}) {
      SCOPED_TRACE(name + " beam " + std::to_string(size));
      SearchOptions options = beam_of(size);
      options.min_length = 4;
      options.max_length = 7;
      set_end_bias(*model, 50);  // would end at once
      for (const auto& hypothesis : search_one(*model, {4, 5, 6}, options)) {
        EXPECT_GE(hypothesis.ids.size(), 4u);
        EXPECT_LE(hypothesis.ids.size(), 7u);
      }
      EXPECT_EQ(search_one(*model, {4, 5, 6}, options)[0].ids.size(), 4u);
      options.min_length = 0;
      EXPECT_TRUE(search_one(*model, {4, 5, 6}, options)[0].ids.empty());
    }
  }
}

TEST(SearchTest, AModelThatNeverEndsIsCut) {
  for (const auto& [name, config] : few_configs()) {
    auto model = tiny::random_model(config);
    set_end_bias(*model, -1e9);
    for (int64_t size : {1, 3}) {
      SCOPED_TRACE(name + " beam " + std::to_string(size));
      SearchOptions options = beam_of(size);
      options.max_length_ratio = 1.5;
      auto found = tiny::search(*model, {{4, 5, 6, 7}, {8}}, options);
      for (const auto& hypothesis : found[0]) EXPECT_EQ(hypothesis.ids.size(), 16u);
      for (const auto& hypothesis : found[1]) EXPECT_EQ(hypothesis.ids.size(), 11u);
      EXPECT_EQ(found[0].size(), static_cast<size_t>(size));
      EXPECT_FALSE(found[0][0].ended);
      options.max_length = 5;
      found = tiny::search(*model, {{4, 5, 6, 7}, {8}}, options);
      EXPECT_EQ(found[0][0].ids.size(), 5u);
      EXPECT_EQ(found[1][0].ids.size(), 5u);
    }
  }
}

TEST(SearchTest, SequencesDoNotRepeatWhereForbidden) {
  auto model = tiny::random_model(tiny::recurrent_config());
  set_end_bias(*model, -1e9);
  for (int64_t n : {1, 2, 3}) {
    SearchOptions options = beam_of(4);
    options.no_repeat_ngram = n;
    options.max_length = n == 1 ? 6 : 14;
    for (const auto& hypothesis : search_one(*model, {4, 5, 6, 7}, options)) {
      ASSERT_EQ(hypothesis.ids.size(), static_cast<size_t>(options.max_length));
      std::set<Sentence> seen;
      for (auto at = hypothesis.ids.begin(); at + n <= hypothesis.ids.end(); ++at) {
        EXPECT_TRUE(seen.insert(Sentence(at, at + n)).second) << n;
      }
    }
  }
}

TEST(SearchTest, WhereEveryPieceIsForbiddenWhatThereIsStays) {
  auto model = tiny::random_model(tiny::transformer_config(), {6, 6});
  SearchOptions options = beam_of(2);
  options.no_repeat_ngram = 1;  // leaves three pieces
  options.min_length = 5;
  auto found = tiny::search(*model, {{4, 5}, {4}}, options);
  for (const auto& hypotheses : found) {
    ASSERT_FALSE(hypotheses.empty());
    EXPECT_EQ(hypotheses[0].ids.size(), 3u);
    EXPECT_FALSE(hypotheses[0].ended);
  }
}

TEST(SearchTest, AModelOfNansGivesNoTranslation) {
  auto model = tiny::random_model(tiny::transformer_config());
  set_end_bias(*model, std::numeric_limits<double>::quiet_NaN());
  EXPECT_THROW(tiny::search(*model, {{4, 5}, {4}}, beam_of(2)), NotFinite);
}

TEST(SearchTest, AttentionHasARowAPieceAndAColumnASourcePiece) {
  auto sources = tiny::random_sentences(4, 7, 44);
  for (const auto& [name, config] : tiny::all_configs()) {
    SCOPED_TRACE(name);
    auto model = tiny::random_model(config);
    SearchOptions options = beam_of(3);
    options.want_attention = true;
    auto found = tiny::search(*model, sources, options);
    for (size_t i = 0; i < sources.size(); ++i) {
      for (const Hypothesis& hypothesis : found[i]) {
        ASSERT_EQ(hypothesis.attention.size(), hypothesis.ids.size() + 1);
        for (const auto& row : hypothesis.attention) {
          ASSERT_EQ(row.size(), sources[i].size() + 1);
          double sum = std::accumulate(row.begin(), row.end(), 0.0);
          EXPECT_LT(sum, 1.0001);
          // A window's Gaussian takes some of the weight away.
          EXPECT_GT(sum, config.attention_scope == "local_p" ? 0.0 : 0.9999);
        }
      }
    }
  }
}

// The rows must be of the hypothesis's own steps, however often the beam was reordered.
TEST(SearchTest, AttentionIsThatOfTheHypothesis) {
  auto model = tiny::random_model(tiny::recurrent_config());
  SearchOptions options = beam_of(4);
  options.want_attention = true;
  Sentence source = {4, 5, 6, 7, 8};
  auto found = tiny::search(*model, {{9}, source}, options)[1];
  auto inference = tiny::compiled(*model);
  for (const Hypothesis& hypothesis : found) {
    auto decoding = inference->begin(tiny::sources({source}), {.attention = true});
    int64_t last = kSpecial.begin;
    for (size_t t = 0; t < hypothesis.attention.size(); ++t) {
      decoding->take({last});
      EXPECT_THAT(hypothesis.attention[t],
                  testing::Pointwise(testing::FloatNear(1e-5), decoding->attention().values));
      if (t < hypothesis.ids.size()) last = hypothesis.ids[t];
    }
  }
}

TEST(SearchTest, NoAttentionUnlessWanted) {
  auto model = tiny::random_model(tiny::transformer_config());
  EXPECT_TRUE(search_one(*model, {4, 5}, beam_of(2))[0].attention.empty());
}

TEST(ScoreTargetsTest, TheirBatchChangesNothing) {
  auto sources = tiny::random_sentences(5, 6, 45), targets = tiny::random_sentences(5, 6, 46);
  targets[2].clear();
  for (const auto& [name, config] : few_configs()) {
    SCOPED_TRACE(name);
    auto model = tiny::random_model(config);
    SearchOptions options;
    auto together = tiny::score_targets(*model, sources, targets, options);
    for (size_t i = 0; i < sources.size(); ++i) {
      auto alone = tiny::score_targets(*model, {sources[i]}, {targets[i]}, options);
      EXPECT_NEAR(together[i].score, alone[0].score, 1e-4);
      EXPECT_LT(alone[0].score, 0);
      EXPECT_EQ(together[i].ids, targets[i]);
    }
  }
}

}  // namespace
}  // namespace heed
