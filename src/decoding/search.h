// Search for translations: a beam (greedy is a beam of 1), diverse groups of beams, or samples.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "config/decoding_config.h"
#include "data/lexicon.h"
#include "decoding/inference.h"
#include "tokenizer/tokenizer.h"

namespace heed {

// The options of [decoding] and what goes beside them in a call.
struct SearchOptions : DecodingConfig {
  SearchOptions();  // the table's defaults
  explicit SearchOptions(const DecodingConfig& config) : DecodingConfig(config) {}

  int64_t n_best = 1;  // results per sentence, at most beam_size of a search; as many samples
  // Where `shortlist` is above 0, only the most probable translations of each source piece by this
  // are scored. Rules and draws that look at whole rows do without it.
  std::shared_ptr<const Lexicon> lexicon;
  bool want_attention = false;  // keep the cross-attention of each piece

  bool needs_attention() const { return want_attention || coverage_penalty > 0; }
};

// How far the search for a sentence's translation is.
struct SearchNews {
  std::vector<int32_t> ids;  // of the likeliest hypothesis that may still grow
  // So many of them stay: all hypotheses begin with them, those that have ended too.
  size_t settled = 0;
};

// What one sentence asks for beside the options.
struct Demand {
  uint64_t number = 0;  // tells sentences apart in sampling: the same number, the same draws
  std::vector<int32_t> prefix;                // the translation's first pieces
  std::vector<std::vector<int32_t>> phrases;  // each stands somewhere in the translation
  // Called after each step that leaves hypotheses to grow; empty: nobody watches, which costs
  // nothing. False: the translation is no longer wanted.
  std::function<bool(const SearchNews&)> watch = {};
};

struct Hypothesis {
  std::vector<int32_t> ids;    // without the end symbol
  double log_probability = 0;  // natural logarithm, the end symbol included
  double score = 0;            // log_probability / |y|^A, and coverage where asked for
  // False: cut at the length limit, or where the rules allow nothing more. The end symbol was not
  // its choice, but counts in the numbers above.
  bool ended = false;
  // One row per id and one for the end symbol: weights over the S source pieces, the source's end
  // symbol last. Empty unless wanted.
  std::vector<std::vector<float>> attention;
};

// The longest translation, in pieces, of a source of so many (its end symbol not counted).
int64_t length_limit(int64_t source_pieces, const DecodingConfig& options);

// The longest translation of any source of up to `max_length` pieces, where max_length_ratio alone
// limits it: nothing longer can be asked for.
int64_t longest_translation(int64_t max_length, const DecodingConfig& options);

// For each sentence its hypotheses: at least one, at most n_best; best score first, samples in the
// order drawn. None for a sentence that is no longer wanted. `demands`: one per sentence, or none
// at all. A sentence's prefix and phrases may raise its length limit to their own length.
std::vector<std::vector<Hypothesis>> search(const Inference& model, const IdMatrix& source,
                                            const SpecialIds& target, const SearchOptions& options,
                                            const std::vector<Demand>& demands = {});

// The log-probability and score of given translations: `targets` without the end symbol, one per
// sentence of `source`. By teacher forcing.
std::vector<Hypothesis> score_targets(const Inference& model,
                                      const std::vector<SentenceView>& source,
                                      const std::vector<std::vector<int32_t>>& targets,
                                      const SpecialIds& source_special,
                                      const SpecialIds& target_special,
                                      const SearchOptions& options);

}  // namespace heed
