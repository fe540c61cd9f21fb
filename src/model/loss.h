// Label-smoothed cross-entropy over the output projection.
#pragma once

#include "model/seq2seq.h"

namespace heed {

struct Loss {
  Tensor smoothed_sum;    // scalar float32, differentiable: sum over the N target pieces
  double log_likelihood;  // sum of log P(piece), without smoothing
  int64_t tokens;         // N
};

// Runs the model on the batch. With smoothing e, each piece's target distribution is 1 - e on the
// piece plus e / V on every piece (Szegedy et al., 2016, section 7). Natural logarithms.
Loss compute_loss(Seq2Seq& model, const BatchTensors& batch, double smoothing);

}  // namespace heed
