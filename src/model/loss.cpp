#include "model/loss.h"

#include "kernels/dropout.h"
#include "kernels/projection_loss.h"

namespace heed {
namespace {

// x [B, T, ...] -> [N, ...], the real target positions.
Tensor real_positions(const Tensor& x, const BatchTensors& batch) {
  Tensor flat = x.flatten(0, 1);
  // The projection is the largest product of a small model: padding has no part in it.
  return batch.target_positions.defined() ? flat.index_select(0, batch.target_positions) : flat;
}

// The score-function estimate: what has been drawn becomes more likely where the piece turned out
// more likely than pieces are on average.
Tensor drawn_loss(const AttentionTrace& trace, const Tensor& log_likelihood,
                  const BatchTensors& batch, const LossOptions& options) {
  Tensor reward = log_likelihood - options.reward_baseline;
  Tensor drawn = real_positions(trace.log_probability, batch);
  Tensor entropy = real_positions(trace.entropy, batch);
  return -(reward * drawn).sum() - options.entropy_weight * entropy.sum();
}

Tensor alignment_loss(const AttentionTrace& trace, const BatchTensors& batch) {
  size_t layers = trace.cross.size();
  Tensor weights = trace.cross[layers > 1 ? layers - 2 : 0].to(torch::kFloat32).mean(1);
  constexpr double kTiny = 1e-6;                            // no logarithm of 0
  Tensor on_aligned = (weights * batch.alignment).sum(-1);  // [B, T]
  Tensor has_links = batch.alignment.amax(-1);
  return -(torch::log(on_aligned + kTiny) * has_links).sum();
}

}  // namespace

void begin_draws(Draws draws) { kernels::dropout_state() = {draws.seed, draws.part << 32}; }

Loss compute_loss(const Seq2Seq& model, const BatchTensors& batch, const LossOptions& options) {
  AttentionTrace trace;
  trace.keep_cross = options.alignment_weight > 0 && batch.alignment.defined();
  Tensor states = real_positions(model.forward(batch, trace), batch);
  auto result = kernels::projection_loss(states, model.output_weight(), model.output_bias(),
                                         batch.target_output, options.smoothing);
  Loss loss{result.smoothed_sum, result.smoothed_sum.item<double>(),
            result.log_likelihood.sum(torch::kFloat64).item<double>(), batch.tokens};
  if (trace.log_probability.defined()) {
    loss.objective = loss.objective + drawn_loss(trace, result.log_likelihood, batch, options);
  }
  if (trace.coverage_loss.defined() && options.coverage_weight > 0) {
    Tensor coverage = real_positions(trace.coverage_loss, batch).sum();
    loss.objective = loss.objective + options.coverage_weight * coverage;
  }
  if (trace.keep_cross) {
    loss.objective = loss.objective + options.alignment_weight * alignment_loss(trace, batch);
  }
  return loss;
}

}  // namespace heed
