// Scores, score lines, signatures and JSON against sacreBLEU's own.
#include "evaluation/golden.h"

namespace heed {
namespace {

TEST(GoldenScores, EveryOptionOnEveryCorpus) {
  auto data = golden::load("scores.json");
  int numbers = 0;
  for (const auto& golden_case : data.at("cases")) {
    std::string corpus = golden_case.at("corpus");
    SCOPED_TRACE(corpus);
    numbers += golden::expect_case(data.at("corpora").at(corpus), golden_case);
  }
  EXPECT_GT(numbers, 20000);
}

TEST(GoldenScores, RandomPairs) {
  size_t pairs = 0;
  for (const auto& document : golden::load("random.json")) {
    for (const auto& golden_case : document.at("cases")) {
      golden::expect_case(document, golden_case);
    }
    pairs += document.at("hypotheses").size();
  }
  EXPECT_GE(pairs, 2000u);
}

}  // namespace
}  // namespace heed
