// What may come next, as a list of small rules on the log-probabilities of one step.
#pragma once

#include <limits>
#include <memory>
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

class Rule {
 public:
  virtual ~Rule() = default;
  // Adds the pieces that no row may take after `length` pieces. The best of a row can be found
  // without them, so this needs no whole rows.
  virtual void bar(int64_t /*length*/, std::vector<int64_t>& /*pieces*/) const {}
  // Whether apply() does anything: all log-probabilities of each row must then be at hand.
  virtual bool needs_whole_rows() const { return false; }
  // Sets entries of a row's log-probabilities [V] to -inf; `original` are those before any rule.
  virtual void apply(const RowSoFar& /*row*/, std::span<const float> /*original*/,
                     std::span<float> /*allowed*/) const {}
};
using Rules = std::vector<std::unique_ptr<Rule>>;

// Padding and the begin symbol are never a piece of a translation.
std::unique_ptr<Rule> no_special_pieces(const SpecialIds& special);
// The unknown piece is never one either.
std::unique_ptr<Rule> no_unknown(const SpecialIds& special);
// No end symbol before `length` pieces.
std::unique_ptr<Rule> minimum_length(int64_t length, const SpecialIds& special);
// No piece that would repeat a sequence of `size` pieces (Paulus et al., 2018, section 2.5).
std::unique_ptr<Rule> no_repeated_ngrams(int64_t size);
// No end symbol while a phrase that the sentence demands is missing.
std::unique_ptr<Rule> complete_phrases(const SpecialIds& special);
// While a row is within the prefix that its sentence demands, nothing but the prefix's next piece,
// at its original log-probability, whatever other rules say: to be the last one.
std::unique_ptr<Rule> forced_prefix();

// The rules that the options and the sentences' demands ask for.
Rules make_rules(const SearchOptions& options, const SpecialIds& special,
                 const std::vector<Demand>& demands);

}  // namespace heed
