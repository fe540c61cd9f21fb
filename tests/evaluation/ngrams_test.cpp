#include "evaluation/ngrams.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace heed {
namespace {

TEST(WordIds, NumbersWordsUntilReset) {
  WordIds ids;
  EXPECT_EQ(ids.find("a"), 0u);
  ids.reset(3);
  EXPECT_EQ(ids.add("a"), 1u);
  EXPECT_EQ(ids.add("b"), 2u);
  EXPECT_EQ(ids.add("a"), 1u);
  EXPECT_EQ(ids.find("b"), 2u);
  EXPECT_EQ(ids.find("c"), 0u);
  ids.reset(1);
  EXPECT_EQ(ids.find("b"), 0u);
  EXPECT_EQ(ids.add("c"), 1u);
}

using Symbols = std::vector<uint32_t>;

std::map<Symbols, int64_t> count_plainly(const Symbols& symbols, int max_order) {
  std::map<Symbols, int64_t> counts;
  for (auto from = symbols.begin(); from != symbols.end(); ++from) {
    for (int n = 1; n <= max_order && n <= symbols.end() - from; ++n) ++counts[{from, from + n}];
  }
  return counts;
}

std::vector<int64_t> match_plainly(const Symbols& symbols, const std::vector<Symbols>& references,
                                   int max_order) {
  std::vector<int64_t> matches(max_order);
  for (const auto& [ngram, count] : count_plainly(symbols, max_order)) {
    int64_t best = 0;
    for (const Symbols& reference : references) {
      best = std::max(best, count_plainly(reference, max_order)[ngram]);
    }
    matches[ngram.size() - 1] += std::min(count, best);
  }
  return matches;
}

TEST(NgramTable, EqualsPlainCounting) {
  std::mt19937 random(1);
  auto draw = [&](uint32_t below) { return static_cast<uint32_t>(random() % below); };
  NgramTable table;  // the same one throughout: no count may leak into the next sequence
  for (int round = 0; round < 300; ++round) {
    auto symbols = [&] {
      Symbols out(draw(30));
      for (uint32_t& symbol : out) symbol = 1 + draw(4);
      return out;
    };
    int max_order = 1 + static_cast<int>(draw(6));
    Symbols sequence = symbols();
    table.fill(sequence, max_order);
    for (int again = 0; again < 2; ++again) {
      std::vector<Symbols> references = {symbols(), symbols()};
      std::vector<int64_t> matches(max_order);
      table.match(references, matches);
      EXPECT_EQ(matches, match_plainly(sequence, references, max_order));
    }
  }
}

}  // namespace
}  // namespace heed
