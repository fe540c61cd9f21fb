#include "evaluation/sentence_metric.h"

#include <gtest/gtest.h>

namespace heed {
namespace {

// Figures of sacreBLEU 2.5: sentence_bleu(h, [r]), sentence_chrf(h, [r]).
TEST(SentenceMetricTest, IsThatOfOneSentence) {
  std::string hypothesis = "a man rides a horse", reference = "a man is riding a brown horse";
  auto bleu = make_sentence_metric("bleu")->sentence(hypothesis, {reference});
  auto chrf = make_sentence_metric("chrf")->sentence(hypothesis, {reference});
  EXPECT_NEAR(bleu.score, 17.030578356760866, 1e-6);
  EXPECT_NEAR(chrf.score, 27.089544296719243, 1e-6);
}

}  // namespace
}  // namespace heed
