#include "evaluation/score_table.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace heed {
namespace {

ScoreTable table_of_two() {
  ScoreTable table{"System", {"nrefs:1|a:b", "nrefs:1|c:d"}, {}};
  table.rows.push_back({"Baseline: ä",
                        {{{"BLEU", 38.25, "", Confidence{38.5, 1.5}}, std::nullopt},
                         {{"TER", 40, "", std::nullopt}, std::nullopt}}});
  table.rows.push_back({"b",
                        {{{"BLEU", 40, "", Confidence{39.75, 1.25}}, 0.0123},
                         {{"TER", 41.5, "", std::nullopt}, 0.2}}});
  return table;
}

TEST(ScoreTable, IsAGridWithSignatures) {
  EXPECT_EQ(table_text(table_of_two(), {.width = 2}),
            R"(╒═════════════╤══════════════════════╤══════════════╕
│      System │  BLEU (μ ± 95% CI)   │     TER      │
╞═════════════╪══════════════════════╪══════════════╡
│ Baseline: ä │ 38.25 (38.50 ± 1.50) │    40.00     │
├─────────────┼──────────────────────┼──────────────┤
│           b │ 40.00 (39.75 ± 1.25) │    41.50     │
│             │    (p = 0.0123)*     │ (p = 0.2000) │
╘═════════════╧══════════════════════╧══════════════╛

-----------------
Metric signatures
-----------------
 - BLEU       nrefs:1|a:b
 - TER        nrefs:1|c:d
)");
}

TEST(ScoreTable, SystemsAsJsonHaveScoresAsText) {
  EXPECT_EQ(systems_json(table_of_two(), {.width = 1}).dump(),
            R"([{"system":"Baseline: ä","BLEU":"38.2","TER":"40.0"},)"
            R"({"system":"b","BLEU":"40.0","TER":"41.5"}])");
}

TEST(ScoreTable, PairedResultsAsJsonHaveAllDigits) {
  EXPECT_EQ(
      paired_json(table_of_two()).dump(),
      R"([{"system":"Baseline: ä","BLEU":{"score":38.25,"p_value":null,"mean":38.5,"ci":1.5},)"
      R"("TER":{"score":40.0,"p_value":null,"mean":null,"ci":null}},)"
      R"({"system":"b","BLEU":{"score":40.0,"p_value":0.0123,"mean":39.75,"ci":1.25},)"
      R"("TER":{"score":41.5,"p_value":0.2,"mean":null,"ci":null}}])");
}

TEST(ScoreTable, TestSetsAsJsonAreScoresWithAName) {
  ScoreTable table{"Test set", {"nrefs:1"}, {}};
  table.rows.push_back({"one", {{{"TER", 40.126, "", Confidence{40, 1}}, std::nullopt}}});
  table.rows.push_back({"two", {{{"TER", 50, "", std::nullopt}, std::nullopt}}});
  auto json = test_sets_json(table, {.width = 2});
  ASSERT_EQ(json.size(), 2u);
  EXPECT_EQ(json[0].dump(),
            R"({"test_set":"one","name":"TER","score":40.13,"signature":"nrefs:1",)"
            R"("confidence_mean":40.0,"confidence_var":1.0,"confidence":"μ = 40.00 ± 1.00",)"
            R"("nrefs":"1"})");
  EXPECT_EQ(json[1]["test_set"], "two");
}

}  // namespace
}  // namespace heed
