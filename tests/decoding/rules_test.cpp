#include "decoding/rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace heed {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const SpecialIds kSpecial{0, 1, 2, 3};

std::vector<int64_t> barred(const Rule& rule, int64_t length) {
  std::vector<int64_t> pieces;
  rule.bar(length, pieces);
  return pieces;
}

// Which entries of a row of five are forbidden, as 'x' and '.'; the others must be as they were.
std::string forbidden(const Rule& rule, const std::vector<int32_t>& ids,
                      const Demand& demand = {}) {
  EXPECT_FALSE(rule.bar);
  std::vector<float> original = {-5, -4, -3, -2, -1}, allowed = original;
  rule.apply({ids, &demand}, original, allowed);
  std::string text;
  for (size_t id = 0; id < allowed.size(); ++id) {
    bool gone = std::isinf(allowed[id]) && allowed[id] < 0;
    if (!gone) {
      EXPECT_EQ(allowed[id], original[id]);
    }
    text += gone ? 'x' : '.';
  }
  return text;
}

TEST(RulesTest, SpecialPiecesAreNoTranslation) {
  EXPECT_THAT(barred(no_special_pieces(kSpecial), 0), ElementsAre(2, 0));
  EXPECT_FALSE(no_special_pieces(kSpecial).apply);
}

TEST(RulesTest, APadThatIsTheEndStaysAllowed) {
  SpecialIds foreign{2, 0, 1, 2};  // a tokenizer without a pad symbol
  EXPECT_THAT(barred(no_special_pieces(foreign), 0), ElementsAre(1));
  foreign.begin = 2;  // nor a begin symbol
  EXPECT_THAT(barred(no_special_pieces(foreign), 0), IsEmpty());
}

TEST(RulesTest, AVocabularyWithoutABeginSymbolHasNoneToBar) {
  EXPECT_THAT(barred(no_special_pieces({0, 1, -1, 0}), 0), IsEmpty());
}

TEST(RulesTest, TheUnknownPieceIsAllowedUntilToldOtherwise) {
  auto all_barred = [](bool allow) {
    SearchOptions options;
    options.allow_unknown = allow;
    std::vector<int64_t> pieces;
    for (const Rule& rule : make_rules(options, kSpecial, {})) {
      EXPECT_FALSE(rule.apply);
      rule.bar(0, pieces);
    }
    return pieces;
  };
  EXPECT_THAT(all_barred(true), ElementsAre(2, 0));
  EXPECT_THAT(all_barred(false), ElementsAre(2, 0, 1));
}

TEST(RulesTest, NoEndBeforeTheMinimum) {
  auto rule = minimum_length(2, kSpecial);
  EXPECT_THAT(barred(rule, 0), ElementsAre(3));
  EXPECT_THAT(barred(rule, 1), ElementsAre(3));
  EXPECT_THAT(barred(rule, 2), IsEmpty());
  EXPECT_FALSE(rule.apply);
}

std::string without_repeats(const std::vector<int32_t>& ids, int64_t size) {
  return forbidden(no_repeated_ngrams(size), ids);
}

TEST(RulesTest, RepeatedPieces) {
  EXPECT_EQ(without_repeats({4, 1}, 1), ".x..x");
  EXPECT_EQ(without_repeats({}, 1), ".....");
}

TEST(RulesTest, RepeatedPairs) {
  EXPECT_EQ(without_repeats({4, 1, 4, 0, 4}, 2), "xx...");  // 4 was followed by 1 and by 0
  EXPECT_EQ(without_repeats({4, 1, 4, 0}, 2), ".....");     // 0 is new
}

TEST(RulesTest, RepeatedTriples) {
  EXPECT_EQ(without_repeats({1, 4, 0, 1, 4}, 3), "x....");
  EXPECT_EQ(without_repeats({4, 1, 0, 1, 4}, 3), ".....");
}

TEST(RulesTest, AnOverlappingRunIsARepetition) {
  EXPECT_EQ(without_repeats({4, 4}, 2), "....x");
  EXPECT_EQ(without_repeats({4, 4, 4}, 2), "....x");
  EXPECT_EQ(without_repeats({4, 4}, 3), ".....");
  EXPECT_EQ(without_repeats({4, 4, 4}, 3), "....x");
}

TEST(RulesTest, ShortPrefixesForbidNothing) {
  EXPECT_EQ(without_repeats({}, 2), ".....");
  EXPECT_EQ(without_repeats({4}, 2), ".....");
  EXPECT_EQ(without_repeats({4, 1}, 3), ".....");
}

TEST(RulesTest, NoEndWhileAPhraseIsMissing) {
  Demand demand{0, {}, {{4, 1}}};
  EXPECT_EQ(forbidden(complete_phrases(kSpecial), {4, 4}, demand), "...x.");
  EXPECT_EQ(forbidden(complete_phrases(kSpecial), {4, 4, 1}, demand), ".....");
}

TEST(RulesTest, AForcedPieceStandsAloneAboveOtherRules) {
  Demand demand{0, {1, 4}, {}};
  auto rule = forced_prefix();
  EXPECT_EQ(forbidden(rule, {}, demand), "x.xxx");
  EXPECT_EQ(forbidden(rule, {1, 4}, demand), ".....");
  std::vector<float> original = {-5, -4, -3, -2, -1}, allowed = original;
  allowed[4] = -INFINITY;  // as another rule has left it
  rule.apply({{1}, &demand}, original, allowed);
  EXPECT_THAT(allowed, ElementsAre(-INFINITY, -INFINITY, -INFINITY, -INFINITY, -1));
}

TEST(RulesTest, OnlyWhatIsAskedForIsAmongThem) {
  auto whole = [](const SearchOptions& options, const std::vector<Demand>& demands) {
    return std::ranges::any_of(make_rules(options, kSpecial, demands),
                               [](const Rule& rule) { return rule.apply != nullptr; });
  };
  SearchOptions options;
  options.min_length = 3;
  EXPECT_FALSE(whole(options, {Demand{}, Demand{}}));
  EXPECT_TRUE(whole(options, {Demand{}, Demand{0, {4}, {}}}));
  EXPECT_TRUE(whole(options, {Demand{0, {}, {{4}}}}));
  options.no_repeat_ngram = 2;
  EXPECT_TRUE(whole(options, {}));
}

}  // namespace
}  // namespace heed
