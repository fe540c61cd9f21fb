#include "kernels/paired_loss.h"

#include "kernels/torch.h"

#include <cmath>

#include "kernels/row_products.h"
#include "kernels/rows.h"
#include "kernels/soft_max.h"

namespace heed::kernels {
namespace {

constexpr int64_t kPairRows = 128;  // of each pass

// The gradient's factors for a row: what every logit of both passes takes part in.
struct PairFactors {
  float scale_first, scale_second;  // 1 / sum of exponentials
  float shift;                      // log P1 - log P2 = x1 - x2 + shift
  float first, second, forward, backward;
  float share;                 // of the smoothing, for each piece
  float divergence, opposite;  // KL(first || second), KL(second || first)
};

// sum_i weights[i] * (x[i] - y[i] + shift)
HEED_INLINE float expected_difference_loop(const float* weights, const float* x, const float* y,
                                           int64_t size, float shift) {
  HEED_REORDERED
  float sum = 0;
  for (int64_t i = 0; i < size; ++i) sum += weights[i] * (x[i] - y[i] + shift);
  return sum;
}

// x and y become the loss's gradient by them, but for what is the target's alone.
HEED_INLINE void pair_gradient_loop(const float* p_exps, const float* q_exps, float* x, float* y,
                                    int64_t size, PairFactors of) {
  HEED_INDEPENDENT
  for (int64_t i = 0; i < size; ++i) {
    float p = p_exps[i] * of.scale_first, q = q_exps[i] * of.scale_second;
    float difference = x[i] - y[i] + of.shift;
    float apart = of.backward * (p - q), together = of.forward * (q - p);
    x[i] = of.first * (p - of.share) + of.forward * p * (difference - of.divergence) + apart;
    y[i] = of.second * (q - of.share) + of.backward * q * (-difference - of.opposite) + together;
  }
}

struct PairRow {
  double smoothed = 0, divergence = 0;  // weighted
  double log_likelihood[2] = {0, 0};
};

struct PairTask {
  float smoothing;
  PairWeights weights;
  bool want_gradient;
};

// Of one target: logits x and y [size] of both passes, which become gradients where these are
// wanted; `exps` has room for two rows.
PairRow pair_row_loss(float* x, float* y, float* exps, int64_t size, int64_t target,
                      const PairTask& task) {
  float *p = exps, *q = exps + size;
  float x_top = vectorised<largest_of>(x, size), y_top = vectorised<largest_of>(y, size);
  float x_total = 0, y_total = 0;
  float p_sum = vectorised<exponentials_of>(x, p, size, x_top, x_total);
  float q_sum = vectorised<exponentials_of>(y, q, size, y_top, y_total);
  double x_log = std::log(static_cast<double>(p_sum)) + x_top;
  double y_log = std::log(static_cast<double>(q_sum)) + y_top;
  auto shift = static_cast<float>(y_log - x_log);
  float forward = vectorised<expected_difference_loop>(p, x, y, size, shift) / p_sum;
  float backward = -vectorised<expected_difference_loop>(q, x, y, size, shift) / q_sum;
  PairRow loss;
  loss.log_likelihood[0] = x[target] - x_log;
  loss.log_likelihood[1] = y[target] - y_log;
  double keep = 1 - task.smoothing, count = static_cast<double>(size);
  double x_mean = x_total / count - x_log;
  double y_mean = y_total / count - y_log;
  const PairWeights& weights = task.weights;
  loss.smoothed = -weights.first * (keep * loss.log_likelihood[0] + task.smoothing * x_mean) -
                  weights.second * (keep * loss.log_likelihood[1] + task.smoothing * y_mean);
  loss.divergence = weights.forward * forward + weights.backward * backward;
  if (!task.want_gradient) return loss;
  PairFactors factors{.scale_first = 1 / p_sum,
                      .scale_second = 1 / q_sum,
                      .shift = shift,
                      .first = static_cast<float>(weights.first),
                      .second = static_cast<float>(weights.second),
                      .forward = static_cast<float>(weights.forward),
                      .backward = static_cast<float>(weights.backward),
                      .share = task.smoothing / static_cast<float>(size),
                      .divergence = forward,
                      .opposite = backward};
  vectorised<pair_gradient_loop>(p, q, x, y, size, factors);
  x[target] -= factors.first * static_cast<float>(keep);
  y[target] -= factors.second * static_cast<float>(keep);
  return loss;
}

struct PairSums {
  double smoothed = 0, divergence = 0;
};

// Logits x and y [rows, V] float32, contiguous.
PairSums pair_chunk_loss(const at::Tensor& x, const at::Tensor& y, const int64_t* targets,
                         float* first, float* second, const PairTask& task) {
  int64_t rows = x.size(0), size = x.size(1);
  std::vector<PairRow> losses(rows);
  at::parallel_for(0, rows, 1, [&](int64_t begin, int64_t end) {
    Floats exps(2 * size);
    for (int64_t row = begin; row < end; ++row) {
      losses[row] = pair_row_loss(x.mutable_data_ptr<float>() + row * size,
                                  y.mutable_data_ptr<float>() + row * size, exps.data(), size,
                                  targets[row], task);
    }
  });
  PairSums sums;  // in row order: the same whatever the number of threads
  for (int64_t row = 0; row < rows; ++row) {
    sums.smoothed += losses[row].smoothed;
    sums.divergence += losses[row].divergence;
    first[row] = static_cast<float>(losses[row].log_likelihood[0]);
    second[row] = static_cast<float>(losses[row].log_likelihood[1]);
  }
  return sums;
}

class PairedLossFunction : public torch::autograd::Function<PairedLossFunction> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& states,
                            const at::Tensor& weight, const at::Tensor& bias,
                            const at::Tensor& targets, const PairTask& task, PairedLoss& result) {
    int64_t count = targets.size(0);
    bool wanted = task.want_gradient;
    at::Tensor state_gradient = wanted ? at::empty_like(states) : at::Tensor();
    at::Tensor weight_gradient = wanted ? at::zeros_like(weight) : at::Tensor();
    at::Tensor bias_gradient = at::zeros({bias.size(0)}, bias.options().dtype(at::kFloat));
    auto* log_likelihood = result.log_likelihood.mutable_data_ptr<float>();
    PairSums total;
    for (int64_t first = 0; first < count; first += kPairRows) {
      int64_t rows = std::min(kPairRows, count - first);
      at::Tensor inputs[2], logits[2];
      for (int64_t pass : {0, 1}) {
        inputs[pass] = states.narrow(0, first + pass * count, rows);
        logits[pass] = row_product(inputs[pass], weight, bias).to(at::kFloat).contiguous();
      }
      PairSums sums =
          pair_chunk_loss(logits[0], logits[1], targets.const_data_ptr<int64_t>() + first,
                          log_likelihood + first, log_likelihood + count + first, task);
      total.smoothed += sums.smoothed;
      total.divergence += sums.divergence;
      for (int64_t pass : {0, 1}) {
        if (!wanted) break;
        at::Tensor gradient = logits[pass].to(weight.scalar_type());
        state_gradient.narrow(0, first + pass * count, rows)
            .copy_(row_product(gradient, weight.t()));
        weight_product(gradient, inputs[pass], weight_gradient);
        bias_gradient += row_sum(logits[pass]);
      }
    }
    if (wanted) {
      context->save_for_backward({state_gradient, weight_gradient, bias_gradient.to(bias.dtype())});
    }
    result.smoothed_sum = total.smoothed;
    return at::full({}, total.smoothed + total.divergence, states.options().dtype(at::kFloat));
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    torch::autograd::variable_list out;
    for (const at::Tensor& gradient : context->get_saved_variables()) {
      out.push_back(gradient * gradients[0].to(gradient.dtype()));
    }
    constexpr int kWithoutGradient = 3;  // targets, task, result
    for (int i = 0; i < kWithoutGradient; ++i) out.emplace_back();
    return out;
  }
};

}  // namespace

PairedLoss paired_loss(const at::Tensor& states, const at::Tensor& weight, const at::Tensor& bias,
                       const at::Tensor& targets, double smoothing, const PairWeights& weights) {
  if (!has_kernel(states)) {
    return paired_loss_reference(states, weight, bias, targets, smoothing, weights);
  }
  bool want_gradient = at::GradMode::is_enabled() &&
                       (states.requires_grad() || weight.requires_grad() || bias.requires_grad());
  PairedLoss result{{}, 0, at::empty({states.size(0)}, states.options().dtype(at::kFloat))};
  PairTask task{static_cast<float>(smoothing), weights, want_gradient};
  result.sum = PairedLossFunction::apply(states.contiguous(), weight, bias, targets.contiguous(),
                                         task, result);
  return result;
}

PairedLoss paired_loss_reference(const at::Tensor& states, const at::Tensor& weight,
                                 const at::Tensor& bias, const at::Tensor& targets,
                                 double smoothing, const PairWeights& weights) {
  at::Tensor all = at::log_softmax(at::linear(states, weight, bias).to(at::kFloat), -1);
  std::vector<at::Tensor> passes = all.chunk(2, 0);
  at::Tensor chosen[2], smoothed[2];
  for (size_t i : {0, 1}) {
    chosen[i] = passes[i].gather(1, targets.unsqueeze(1)).squeeze(1);
    smoothed[i] = -((1 - smoothing) * chosen[i] + smoothing * passes[i].mean(1)).sum();
  }
  at::Tensor difference = passes[0] - passes[1];
  at::Tensor forward = (passes[0].exp() * difference).sum();
  at::Tensor backward = -(passes[1].exp() * difference).sum();
  at::Tensor entropies = weights.first * smoothed[0] + weights.second * smoothed[1];
  return {entropies + weights.forward * forward + weights.backward * backward,
          entropies.item<double>(), at::cat({chosen[0], chosen[1]}).detach()};
}

}  // namespace heed::kernels
