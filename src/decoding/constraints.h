// Rules on what may come next, as small functions on the log-probabilities of one step.
#pragma once

#include <vector>

#include "decoding/search.h"

namespace heed {

// Each sets forbidden entries of log_probabilities [R, V] (float32, on the CPU) to -inf. `prefixes`
// are the R hypotheses so far.
using Prefixes = std::vector<const std::vector<int32_t>*>;

// Padding and the begin symbol are never a piece of a translation.
void forbid_special(Tensor& log_probabilities, const SpecialIds& special);
// No end symbol while a prefix has fewer than `min_length` pieces.
void forbid_early_end(Tensor& log_probabilities, const SpecialIds& special, int64_t length,
                      int64_t min_length);
// No piece that would repeat a sequence of `size` pieces of the prefix (Paulus et al., 2018, 2.5).
void forbid_repeated_ngrams(Tensor& log_probabilities, const Prefixes& prefixes, int64_t size);
// No end symbol in these rows.
void forbid_end(Tensor& log_probabilities, const SpecialIds& special,
                const std::vector<int64_t>& rows);

// The piece that a row must take, with the log-probability that it had before any rule.
struct ForcedPiece {
  int64_t row;
  int32_t id;
  float log_probability;
};
// Nothing but that piece, whatever other rules say: to be the last one.
void force_pieces(Tensor& log_probabilities, const std::vector<ForcedPiece>& forced);

// Takes `penalty` from every row's entry of an id each time that it stands in `ids`: Hamming
// diversity (Vijayakumar et al. 2016, 5.1). `totals` [R, V], float32, on the CPU.
void penalise_pieces(Tensor& totals, const std::vector<int32_t>& ids, double penalty);

}  // namespace heed
