// Beam search; greedy is a beam of 1. Knows a model only by encode, start, step and reorder.
#pragma once

#include <cstdint>
#include <vector>

#include "model/seq2seq.h"
#include "tokenizer/tokenizer.h"

namespace heed {

struct SearchOptions {
  int64_t beam_size = 5;        // K hypotheses a sentence; 1 is greedy
  double length_penalty = 1;    // A in log P(y|x) / |y|^A, |y| counting the end symbol
  double max_length_ratio = 2;  // at most this many times the source's pieces, plus 10
  int64_t max_length = 0;       // at most so many pieces; 0: the ratio alone
  int64_t min_length = 0;       // no end symbol before so many pieces
  int64_t no_repeat_ngram = 0;  // no sequence of so many pieces twice; 0: off
  bool want_attention = false;  // keep the cross-attention of each piece
};

SearchOptions search_options(const DecodingConfig& config);

struct Hypothesis {
  std::vector<int32_t> ids;    // without the end symbol
  double log_probability = 0;  // natural logarithm, the end symbol included where there is one
  double score = 0;            // log_probability / |y|^A
  bool ended = false;          // false: cut at the length limit
  // A row for each id and, where ended, one for the end symbol: weights over the S source pieces,
  // the source's end symbol last. Empty unless wanted.
  std::vector<std::vector<float>> attention;
};

// For each sentence its hypotheses, best score first: at least one, at most beam_size.
std::vector<std::vector<Hypothesis>> search(Seq2Seq& model, const IdMatrix& source,
                                            const SpecialIds& target, const SearchOptions& options);

// log P(y|x) of given targets, each with its end symbol, by the very steps that search takes.
std::vector<Hypothesis> score_targets(Seq2Seq& model, const IdMatrix& source,
                                      const std::vector<std::vector<int32_t>>& targets,
                                      const SpecialIds& special, const SearchOptions& options);

}  // namespace heed
