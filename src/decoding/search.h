// Search for translations: a beam (greedy is a beam of 1), diverse groups of beams, or samples.
// Knows a model only by encode, start, step and reorder.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "data/lexicon.h"
#include "model/seq2seq.h"
#include "tokenizer/tokenizer.h"

namespace heed {

// What minimum Bayes risk chooses by.
enum class Utility { kNone, kChrf, kBleu };

struct SearchOptions {
  int64_t beam_size = 5;  // K hypotheses a sentence; 1 is greedy
  int64_t n_best = 1;     // results a sentence, at most K of a search; as many samples
  // Diverse beams: K in so many groups. A piece loses `diversity_penalty` in a group's choice for
  // each time that earlier groups took it at the same step; its log-probability stays what it is.
  int64_t beam_groups = 1;
  double diversity_penalty = 0.5;
  double length_penalty = 1;    // A in log P(y|x) / |y|^A, |y| counting the end symbol
  double coverage_penalty = 0;  // beta in Wu et al. (2016), eq. 14; 0: off
  // End a beam only when no live hypothesis can still become one of the n_best (see score_bound).
  // Otherwise once K have ended and no live one scores better than the worst of them.
  bool exact_stopping = false;
  double max_length_ratio = 2;  // at most this many times the source's pieces, plus 10
  int64_t max_length = 0;       // at most so many pieces; 0: the ratio alone
  int64_t min_length = 0;       // no end symbol before so many pieces
  int64_t no_repeat_ngram = 0;  // no sequence of so many pieces twice; 0: off
  bool sampling = false;        // draw each piece; the beam's options above say nothing then
  int64_t sampling_top_k = 0;   // from so many pieces; 0: all
  double sampling_top_p = 0;    // from so much probability; 0: all
  double temperature = 1;       // from P^(1/temperature)
  uint64_t seed = 1;
  Utility mbr = Utility::kNone;  // of the translator: it lets search give K results
  // Only the `shortlist` most probable translations of each source piece, and as many of the most
  // frequent pieces, are scored; the probabilities are of these alone. Without a lexicon, and where
  // a rule looks at whole rows: all pieces.
  int64_t shortlist = 0;
  std::shared_ptr<const Lexicon> lexicon;
  bool want_attention = false;  // keep the cross-attention of each piece
};

SearchOptions search_options(const DecodingConfig& config);

// What one sentence asks for beside the options.
struct Demand {
  uint64_t number = 0;  // tells sentences apart in sampling: the same number, the same draws
  std::vector<int32_t> prefix;                // the translation's first pieces
  std::vector<std::vector<int32_t>> phrases;  // each stands somewhere in the translation
};

struct Hypothesis {
  std::vector<int32_t> ids;    // without the end symbol
  double log_probability = 0;  // natural logarithm, the end symbol included
  double score = 0;            // log_probability / |y|^A, and coverage where asked for
  // False: cut at the length limit, or where the constraints allow nothing more. The end symbol
  // was not its choice, but counts in the numbers above.
  bool ended = false;
  // A row for each id and one for the end symbol: weights over the S source pieces, the source's
  // end symbol last. Empty unless wanted (or coverage needs it).
  std::vector<std::vector<float>> attention;
};

// The longest translation, in pieces, of a source of so many (its end symbol not counted).
int64_t length_limit(int64_t source_pieces, const SearchOptions& options);

// For each sentence its hypotheses: at least one, at most n_best; best score first, samples in the
// order drawn. `demands`: one a sentence, or none at all. A sentence's prefix and phrases may raise
// its length limit to their own length.
std::vector<std::vector<Hypothesis>> search(Seq2Seq& model, const IdMatrix& source,
                                            const SpecialIds& target, const SearchOptions& options,
                                            const std::vector<Demand>& demands = {});

}  // namespace heed
