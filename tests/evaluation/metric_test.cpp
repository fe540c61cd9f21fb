#include "evaluation/metric.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "evaluation/bleu.h"
#include "util/error.h"
#include "util/version.h"

namespace heed {
namespace {

TEST(ScoreLine, HasSacrebleusForm) {
  Bleu bleu;
  Score score = bleu.corpus({"The cat sat on the mat."}, {{"The cat sat on a mat."}});
  std::string expected = std::string("BLEU|nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|") +
                         "version:2.6.0+heed." + HEED_VERSION +
                         " = 48.89 85.7/66.7/40.0/25.0 (BP = 1.000 ratio = 1.000 hyp_len = 7 "
                         "ref_len = 7)";
  EXPECT_EQ(score_line(score, bleu.signature()), expected);
  EXPECT_EQ(score_line(score, "", {.width = 1, .score_only = true}), "48.9");
}

TEST(ScoreLine, ShowsConfidenceUnlessItsMeanIsZero) {
  Score score{"TER", 40.125, "", Confidence{40.5, 2.25}};
  EXPECT_EQ(score_line(score, "a:b"), "TER|a:b = 40.12 (μ = 40.50 ± 2.25)");
  score.confidence->mean = 0;
  EXPECT_EQ(score_line(score, "a:b"), "TER|a:b = 40.12");
}

TEST(ScoreJson, HasSacrebleusLayout) {
  Score score{"chrF2", 61.25, "", Confidence{60, 0.04}};
  EXPECT_EQ(score_json(score, "nrefs:1|bs:1000|seed:12345", {.width = 1}).dump(1), R"({
 "name": "chrF2",
 "score": 61.2,
 "signature": "nrefs:1|bs:1000|seed:12345",
 "confidence_mean": 60.0,
 "confidence_var": 0.0,
 "confidence": "μ = 60.0 ± 0.0",
 "nrefs": "1",
 "bs": "1000",
 "seed": "12345"
})");
}

TEST(Signature, NamesResamplingAndVaryingReferences) {
  Bleu bleu;
  std::string tail = "|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0+heed." HEED_VERSION;
  EXPECT_EQ(bleu.signature({.references = -1}), "nrefs:var" + tail);
  EXPECT_EQ(bleu.signature({.references = 2, .bootstrap = 1000, .seed = 7}),
            "nrefs:2|bs:1000|seed:7" + tail);
  EXPECT_EQ(bleu.signature({.randomization = 10000}), "nrefs:1|ar:10000|seed:12345" + tail);
  EXPECT_EQ(bleu.signature({.short_names = true}),
            "#:1|c:mixed|e:no|tok:13a|s:exp|v:2.6.0+heed." HEED_VERSION);
}

std::string error_of(const Lines& hypotheses, const std::vector<Lines>& references) {
  try {
    Bleu().corpus(hypotheses, references);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Metric, RefusesWhatDoesNotMatch) {
  EXPECT_EQ(error_of({"a", "b"}, {{"a", "b"}, {"a"}}),
            "BLEU: 2 hypotheses but 1 references (set 2 of 2); each hypothesis needs its own line "
            "of every set");
  EXPECT_EQ(error_of({"a"}, {}), "BLEU: no reference to score against; give at least one");
  EXPECT_EQ(error_of({}, {{}}), "BLEU: no hypotheses to score; give at least one line");
  EXPECT_THROW(Bleu().sentence("a", {}), Error);
}

TEST(CountTable, AddsUpRowsOfOneWidth) {
  CountTable table;
  EXPECT_EQ(table.rows(), 0u);
  table.append({1, 2});
  table.append({10, 20.5});
  EXPECT_EQ(table.rows(), 2u);
  EXPECT_EQ(table.row(1)[1], 20.5);
  EXPECT_THAT(table.sum(), testing::ElementsAre(11, 22.5));
  try {
    table.append({1});
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "count table: a row of 1 counts in a table of 2; all rows must be of one metric");
  }
}

}  // namespace
}  // namespace heed
