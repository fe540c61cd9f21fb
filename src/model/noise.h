// What training does to a batch on tensors before the model sees it.
#pragma once

#include "model/seq2seq.h"

namespace heed {

// The batch below itself: [2 B, ...]. target_output [N] and tokens stay those of one copy, and
// target_positions are [2 N], those of the first copy first.
BatchTensors twice(const BatchTensors& batch);

// Cuts out source and target input pieces of the rows from `first_row` on: each, the begin and end
// symbols too, with chance `share`, by this thread's draws (begin_draws). The embedding of one that
// is cut out is zeros (Shen et al., 2020, arXiv 2009.13818, token cutoff).
void cut_pieces(BatchTensors& batch, double share, int64_t first_row = 0);

}  // namespace heed
