// Lists of translations of the same lines, as translate --n-best prints them: read, given one more
// feature, ordered anew.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace heed {

struct NBestEntry {
  std::string raw;                       // as it stands in its file
  int64_t line = 0;                      // of the source, from 0
  std::string text = {};                 // without the escapes of Moses's form
  std::vector<std::string> pieces = {};  // from JSON alone, whose last one may be the end symbol
  std::optional<double> score = {};      // none where the list has none
};

// Reads `line ||| text ||| features ||| score`, of which further fields and the score may be
// missing, or a JSON object of translate --format json. Throws Error that begins with `where`
// ("file:7") for anything else, a key that comes twice among it.
NBestEntry parse_n_best(const std::string& raw, const std::string& where);

// A feature to add, and, where the entry has a score, another one to put in its place.
struct NBestFeature {
  std::string name;
  double value;
  std::optional<double> score = {};
  std::optional<int64_t> rank = {};  // among its line's, from 0; for JSON that has one
};
// The entry in its own form with the feature after all others, no line end. Throws Error where JSON
// has a value of that name: it would be lost.
std::string with_feature(const NBestEntry& entry, const NBestFeature& feature);

}  // namespace heed
