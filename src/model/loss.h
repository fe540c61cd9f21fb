// What training makes small: label-smoothed cross-entropy over the output projection, and the terms
// that some kinds of attention add.
#pragma once

#include <optional>

#include "kernels/paired_loss.h"
#include "model/seq2seq.h"

namespace heed {

using PairWeights = kernels::PairWeights;

struct LossOptions {
  double smoothing = 0;         // training.label_smoothing
  double entropy_weight = 0;    // training.attention_entropy
  double coverage_weight = 0;   // training.coverage_loss
  double alignment_weight = 0;  // training.guided_alignment_weight
  double reward_baseline = 0;   // what log P of a piece has been of late, in nats
  // Set for a batch that stands below itself (model/noise.h): what each of the two passes, and how
  // far apart they are, counts.
  std::optional<PairWeights> pair = {};
};

struct Loss {
  Tensor objective;       // scalar float32, differentiable: smoothed_sum and what attention adds
  double smoothed_sum;    // over the N target pieces
  double log_likelihood;  // sum of log P(piece), without smoothing
  int64_t tokens;         // N
};

// A sequence of random numbers, a function of both: dropout, hard attention, noise.
struct Draws {
  uint64_t seed, part;
};
// This thread's models draw from the beginning of the sequence from now on.
void begin_draws(Draws draws);

// Runs the model on the batch. Natural logarithms. With smoothing e, each piece's target
// distribution is 1 - e on the piece plus e / V on every piece (Szegedy et al., 2016, section 7).
//
// In training these are added, each summed over the N pieces (of two passes, their mean):
//   hard attention   -(log P(piece) - baseline) log P(drawn positions) - entropy_weight * entropy
//                    (Xu et al., 2015, equation 11, with each piece's own log P as the reward)
//   coverage         coverage_weight * sum_s min(weight, coverage) (See et al., 2017, equation 13)
//   given alignment  -alignment_weight * log of the attention on the aligned source pieces, of the
//                    last decoder layer but one, its heads averaged (after Chen et al., 2016, and
//                    Garg et al., 2019)
Loss compute_loss(const Seq2Seq& model, const BatchTensors& batch, const LossOptions& options);

// log P of each of the N target pieces, [N] float32, differentiable; by plain LibTorch.
Tensor log_likelihoods(const Seq2Seq& model, const BatchTensors& batch);

}  // namespace heed
