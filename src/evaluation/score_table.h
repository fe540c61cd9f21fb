// Scores of several systems or test sets side by side, in the two forms in which sacreBLEU prints
// them.
#pragma once

#include "evaluation/metric.h"

namespace heed {

// A metric's score of one row; the p-value where a paired test compared it with the first row's.
struct TableCell {
  Score score;
  std::optional<double> p_value;
};

struct TableRow {
  std::string name;
  std::vector<TableCell> cells;  // one for each metric
};

struct ScoreTable {
  std::string row_title;                // "System" or "Test set"
  std::vector<std::string> signatures;  // one for each metric
  std::vector<TableRow> rows;           // at least one
};

// A grid with the names on the left, and the signatures below it. Widths are in code points.
std::string table_text(const ScoreTable& table, const FormatOptions& options);

// Systems: [{"system": name, "BLEU": "38.25", ...}], the scores as text.
nlohmann::ordered_json systems_json(const ScoreTable& table, const FormatOptions& options);
// After a paired test: [{"system": name, "BLEU": {"score", "p_value", "mean", "ci"}, ...}], with
// all digits; what there is none of is null.
nlohmann::ordered_json paired_json(const ScoreTable& table);
// Test sets: score_json() of each with "test_set" before it.
nlohmann::ordered_json test_sets_json(const ScoreTable& table, const FormatOptions& options);

}  // namespace heed
