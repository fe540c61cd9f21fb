// What may come next, as a list of small rules on the log-probabilities of one step.
#pragma once

#include <functional>
#include <limits>
#include <span>
#include <vector>

#include "decoding/search.h"

namespace heed {

// log P of what may not be chosen.
inline constexpr float kForbidden = -std::numeric_limits<float>::infinity();

// A row of the step: a hypothesis so far and what its sentence demands.
struct RowSoFar {
  std::vector<int32_t> ids;
  const Demand* demand;
};

// One of the two is set.
struct Rule {
  // Adds the pieces that no row may take after `length` pieces. The best of a row can be found
  // without them, so this needs no whole rows.
  std::function<void(int64_t length, std::vector<int64_t>& pieces)> bar = {};
  // Sets entries of a row's log-probabilities [V] to -inf; `original` are those before any rule.
  // All log-probabilities of each row must be at hand.
  std::function<void(const RowSoFar& row, std::span<const float> original,
                     std::span<float> allowed)>
      apply = {};
};
using Rules = std::vector<Rule>;

// Padding and the begin symbol are never a piece of a translation.
Rule no_special_pieces(const SpecialIds& special);
// The unknown piece is never one either.
Rule no_unknown(const SpecialIds& special);
// No end symbol before `length` pieces.
Rule minimum_length(int64_t length, const SpecialIds& special);
// No piece that would repeat a sequence of `size` pieces (Paulus et al., 2018, section 2.5).
Rule no_repeated_ngrams(int64_t size);
// No end symbol while a phrase that the sentence demands is missing.
Rule complete_phrases(const SpecialIds& special);
// While a row is within the prefix that its sentence demands, nothing but the prefix's next piece,
// at its original log-probability, whatever other rules say: to be the last one.
Rule forced_prefix();

// The rules that the options and the sentences' demands ask for.
Rules make_rules(const SearchOptions& options, const SpecialIds& special,
                 const std::vector<Demand>& demands);

}  // namespace heed
