// From what a model says of each row to the best continuations of a beam.
#pragma once

#include "decoding/beam.h"
#include "decoding/inference.h"

namespace heed {

// A beam's rows of log P, [K, V].
struct BeamRows {
  const float* values;
  int64_t size;  // V

  const float* operator[](int64_t row) const { return values + row * size; }
};

// The best continuations of a beam, best first, as many as `pieces` has for each row; of equal ones
// the first hypothesis's. `first_row` is the row of the beam's first hypothesis. Pieces of
// probability 0 are none.
Candidates merge_best(const Beam& beam, const BestPieces& pieces, int64_t first_row);

// The `count` best continuations among all pieces by their log P less `penalty` for each time that
// an id stands in `taken`: Hamming diversity (Vijayakumar et al., 2016, section 5.1).
Candidates best_of_whole(const Beam& beam, const BeamRows& allowed, int64_t count,
                         const std::vector<int32_t>& taken, double penalty);

// Post and Vilar (2018, section 3.1): beside the best continuations, each hypothesis's own best one
// and those that go on with a phrase; then the beam is shared among the banks of how far they are.
void serve_phrases(const Beam& beam, const std::vector<std::vector<int32_t>>& phrases,
                   const BeamRows& allowed, int32_t end, Candidates& candidates);

}  // namespace heed
