// From what a model says of each hypothesis to the best continuations of a beam.
#pragma once

#include <vector>

#include "decoding/beam.h"
#include "kernels/top_k.h"

namespace heed {

using Candidates = std::vector<Candidate>;

// logits [R, V] in any number type, on any device -> log-probabilities, float32, on the CPU.
Tensor log_probabilities_of(const Tensor& logits);

// The pieces that the columns of logits stand for: all, or a shortlist.
class OfferedPieces {
 public:
  OfferedPieces() = default;
  explicit OfferedPieces(std::vector<int32_t> sorted) : ids_(std::move(sorted)) {}
  bool all() const { return ids_.empty(); }
  int64_t column_of(int32_t id) const;
  // Columns, int32, become pieces; -1 stays.
  void to_pieces(Tensor& columns) const;

 private:
  std::vector<int32_t> ids_;
};

// Whether a search must keep cross-attention.
bool needs_attention(const SearchOptions& options);

// The best continuations of a beam, best first, as many as `best` has for each row; of equal ones
// the first hypothesis's, and of these the lower id. `first_row` is the row of live[0].
Candidates merge_best(const std::vector<Hypothesis>& live, const kernels::RowBest& best,
                      int64_t first_row);

}  // namespace heed
