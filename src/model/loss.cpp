#include "model/loss.h"

#include "model/kernels/projection_loss.h"

namespace heed {

Loss compute_loss(Seq2Seq& model, const BatchTensors& batch, double smoothing) {
  Tensor states = model.forward(batch).flatten(0, 1);
  // The projection is the largest product of a small model: padding has no part in it.
  if (batch.target_positions.defined()) states = states.index_select(0, batch.target_positions);
  auto result = kernels::projection_loss(states, model.output_weight(), model.output_bias(),
                                         batch.target_output, smoothing);
  return {result.smoothed_sum, result.log_likelihood, batch.tokens};
}

}  // namespace heed
