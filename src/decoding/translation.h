// What a line has become.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "alignment/words.h"
#include "tokenizer/tokenizer.h"

namespace heed {

struct Translation {
  std::string text;
  double score = 0, log_probability = 0;  // of the whole, the end symbol included; see Hypothesis
  double utility = 0;                     // by minimum Bayes risk: expected chrF or BLEU, 0 to 100
  int64_t length = 0;                     // pieces, the end symbol counted
  bool ended = true;                      // false: cut at the length limit
  // Only where attention is wanted. "</s>" is the last piece of each; none for a blank line.
  std::vector<std::string> source_pieces, target_pieces;
  // The word of each piece, in the raw line and in `text`; the end symbols have none.
  PieceWords source_words, target_words;
  std::vector<std::vector<float>> attention;  // a row a target piece, a column a source piece
};

// Sets the text, which is one line as a tokenizer decodes it, and its words.
void set_text(Translation& translation, SpannedText text);

// One translation of several parts in order: texts joined by what `gaps` has for each part but the
// first, log-probabilities and lengths summed, the score the parts' mean by length; pieces, words
// and attention without the end symbols between. The words of the source are numbered in the whole
// line already.
Translation join_translations(const std::vector<Translation>& parts,
                              const std::vector<std::string>& gaps);

}  // namespace heed
