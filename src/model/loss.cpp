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

// Cross-entropies, weighted where there are two passes.
struct Projected {
  Tensor objective;
  double smoothed_sum, log_likelihood_sum;
  Tensor log_likelihood;  // [N], or [2 N] of two passes
};

double sum_of(const Tensor& x) { return x.sum(torch::kFloat64).item<double>(); }

Projected project(const Tensor& states, const Seq2Seq& model, const BatchTensors& batch,
                  const LossOptions& options) {
  Tensor weight = model.output_weight(), bias = model.output_bias();
  if (!options.pair) {
    auto one =
        kernels::projection_loss(states, weight, bias, batch.target_output, options.smoothing);
    return {one.smoothed_sum, one.smoothed_sum.item<double>(), sum_of(one.log_likelihood),
            one.log_likelihood};
  }
  const PairWeights& weights = *options.pair;
  auto pair =
      kernels::paired_loss(states, weight, bias, batch.target_output, options.smoothing, weights);
  auto passes = pair.log_likelihood.chunk(2);
  double sum = weights.first * sum_of(passes[0]) + weights.second * sum_of(passes[1]);
  return {pair.sum, pair.smoothed_sum, sum / (weights.first + weights.second), pair.log_likelihood};
}

}  // namespace

void begin_draws(Draws draws) { kernels::dropout_state() = {draws.seed, draws.part << 32}; }

Loss compute_loss(const Seq2Seq& model, const BatchTensors& batch, const LossOptions& options) {
  AttentionTrace trace;
  trace.keep_cross = options.alignment_weight > 0 && batch.alignment.defined();
  Tensor states = real_positions(model.forward(batch, trace), batch);
  Projected result = project(states, model, batch, options);
  Loss loss{result.objective, result.smoothed_sum, result.log_likelihood_sum, batch.tokens};
  double each = options.pair ? 0.5 : 1;  // of the passes' terms below
  if (trace.log_probability.defined()) {
    loss.objective =
        loss.objective + each * drawn_loss(trace, result.log_likelihood, batch, options);
  }
  if (trace.coverage_loss.defined() && options.coverage_weight > 0) {
    Tensor coverage = real_positions(trace.coverage_loss, batch).sum();
    loss.objective = loss.objective + each * options.coverage_weight * coverage;
  }
  if (trace.keep_cross) {
    loss.objective =
        loss.objective + each * options.alignment_weight * alignment_loss(trace, batch);
  }
  return loss;
}

Tensor log_likelihoods(const Seq2Seq& model, const BatchTensors& batch) {
  AttentionTrace trace;
  Tensor states = real_positions(model.forward(batch, trace), batch);
  Tensor logits = torch::linear(states, model.output_weight(), model.output_bias());
  Tensor table = torch::log_softmax(logits.to(torch::kFloat32), -1);
  return table.gather(1, batch.target_output.unsqueeze(1)).squeeze(1);
}

}  // namespace heed
