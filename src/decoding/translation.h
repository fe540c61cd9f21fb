// What a line has become.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace heed {

struct Translation {
  std::string text;
  double score = 0, log_probability = 0;  // of the whole, the end symbol included; see Hypothesis
  double utility = 0;                     // by minimum Bayes risk: expected chrF or BLEU, 0 to 100
  int64_t length = 0;                     // pieces, the end symbol counted
  bool ended = true;                      // false: cut at the length limit
  // Only where attention is wanted. "</s>" is the last piece of each; none for a blank line.
  std::vector<std::string> source_pieces, target_pieces;
  std::vector<std::vector<float>> attention;  // a row a target piece, a column a source piece
};

}  // namespace heed
