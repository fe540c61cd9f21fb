#include "evaluation/bleu.h"

#include <gmock/gmock.h>

#include "util/error.h"

namespace heed {
namespace {

using testing::ElementsAre;

Counts count(const Bleu& bleu, std::string_view hypothesis,
             const std::vector<std::string_view>& references) {
  return bleu.statistics(hypothesis, references);
}

TEST(Bleu, CountsNgrams) {
  Bleu bleu;
  //                                          lengths | matched     | total
  EXPECT_THAT(count(bleu, "a b c d e", {"a b c x e"}), ElementsAre(5, 5, 4, 2, 1, 0, 5, 4, 3, 2));
  EXPECT_THAT(count(bleu, "", {"a b"}), ElementsAre(0, 2, 0, 0, 0, 0, 0, 0, 0, 0));
  EXPECT_THAT(count(bleu, "a", {""}), ElementsAre(1, 0, 0, 0, 0, 0, 1, 0, 0, 0));
}

TEST(Bleu, ClipsAtTheHighestCountOfAReference) {
  Bleu bleu({.max_order = 1});
  EXPECT_THAT(count(bleu, "the the the the", {"the cat"}), ElementsAre(4, 2, 1, 4));
  EXPECT_THAT(count(bleu, "the the the the", {"the cat", "the the cat sat on", "the"}),
              ElementsAre(4, 5, 2, 4));
}

TEST(Bleu, TakesTheReferenceClosestInLengthAndTheShorterOfTwo) {
  Bleu bleu({.max_order = 1});
  EXPECT_EQ(count(bleu, "a b c d", {"a b c d e f", "a b", "a"})[1], 2);
  EXPECT_EQ(count(bleu, "a b c d", {"a b", "a b c d e"})[1], 5);
}

TEST(Bleu, Details) {
  Bleu bleu;
  // Lengths 4 and 5: brevity penalty exp(1 - 5/4). No matched 4-gram: its precision is halved.
  BleuScore score = bleu.details({4, 5, 4, 2, 1, 0, 4, 3, 2, 1});
  EXPECT_NEAR(score.brevity_penalty, 0.778801, 1e-6);
  EXPECT_DOUBLE_EQ(score.ratio, 0.8);
  EXPECT_THAT(score.precisions, ElementsAre(100, 200.0 / 3, 50, 50));
  EXPECT_NEAR(score.score, 77.880078 * 0.638943, 1e-4);
  EXPECT_EQ(score.hypothesis_length, 4);
  EXPECT_EQ(score.reference_length, 5);
}

TEST(Bleu, StatisticsAddUpToTheCorpus) {
  Bleu bleu;
  Lines hypotheses = {"The cat sat on the mat.", "", "Dogs bark at night, don't they?"};
  Lines references = {"The cat is on the mat.", "Gone", "Dogs bark at night, do they not?"};
  CountTable table = bleu.segment_counts(hypotheses, {references});
  EXPECT_EQ(table.rows(), 3u);
  EXPECT_EQ(bleu.score(table.sum()).score, bleu.corpus(hypotheses, {references}).score);
  EXPECT_GT(bleu.score(table.sum()).score, 0);
}

TEST(Bleu, EncodesPiecesWhereAsked) {
  BleuOptions options{.tokenize = "flores200"};
  options.encode = [](std::string_view line) {
    std::vector<std::string> letters;
    for (char c : line) letters.emplace_back(1, c);
    return letters;
  };
  Bleu bleu(options);
  EXPECT_EQ(count(bleu, "abcd", {"abxd"})[0], 4);
  EXPECT_THAT(bleu.signature(), testing::HasSubstr("|tok:flores200|"));
}

TEST(Bleu, WarnsOfTokenizedText) {
  Lines lines(100, "It is tokenised .");
  auto output = [&](const Bleu& bleu, const Lines& hypotheses) {
    testing::internal::CaptureStderr();
    bleu.corpus(hypotheses, {hypotheses});
    return testing::internal::GetCapturedStderr();
  };
  EXPECT_THAT(output(Bleu(), lines),
              testing::HasSubstr("100 of 100 hypotheses end in a tokenised period"));
  EXPECT_EQ(output(Bleu({.force = true}), lines), "");
  lines.pop_back();
  EXPECT_EQ(output(Bleu(), lines), "");
}

std::string usage_error(BleuOptions options) {
  try {
    Bleu bleu(std::move(options));
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Bleu, RefusesWrongOptions) {
  EXPECT_EQ(usage_error({.smooth_method = "laplace"}),
            "smooth_method = laplace: unknown smoothing; choose one of none, floor, add-k, exp");
  EXPECT_EQ(usage_error({.smooth_method = "floor", .smooth_value = -1}),
            "smooth_value = -1: must be from 0 to 1000000000 (floor: 0.1 by default, add-k: 1)");
  EXPECT_EQ(
      usage_error({.smooth_method = "add-k", .smooth_value = 1e308}),
      "smooth_value = 1e+308: must be from 0 to 1000000000 (floor: 0.1 by default, add-k: 1)");
  EXPECT_EQ(usage_error({.max_order = 17}), "max_order = 17: must be from 1 to 16 (4 by default)");
  EXPECT_THAT(usage_error({.tokenize = "ja"}), testing::HasSubstr("tokenize = ja: unknown"));
}

}  // namespace
}  // namespace heed
