#include "kernels/projection_loss.h"

#include "kernels/torch.h"

#include <cmath>

#include "kernels/row_products.h"
#include "kernels/rows.h"
#include "kernels/soft_max.h"

namespace heed::kernels {
namespace {

constexpr int64_t kChunkRows = 256;

struct RowLoss {
  double smoothed = 0, log_likelihood = 0;
};

// Gradient of the smoothed loss by the logits: P - e / V, and - (1 - e) at the target.
template <typename Number>
HEED_INLINE void gradient_loop(const float* exps, Number* out, int64_t size, float scale,
                               float share) {
  for (int64_t i = 0; i < size; ++i) store(&out[i], exps[i] * scale - share);
}

void add_to(float& x, float value) { x += value; }
void add_to(BFloat16Bits& x, float value) { x = to_bfloat16(to_float(x) + value); }

// Loss of one row of logits, which become their gradient in place where that is wanted.
template <typename Number>
RowLoss row_loss(Number* logits, const float* x, float* exps, int64_t size, int64_t target,
                 float smoothing, bool want_gradient) {
  float maximum = vectorised<largest_of>(x, size);
  float total = 0;
  float target_logit = x[target];
  float sum = vectorised<exponentials_of>(x, exps, size, maximum, total);
  double log_sum = std::log(static_cast<double>(sum)) + maximum;
  double log_likelihood = target_logit - log_sum;
  double mean_log = total / static_cast<double>(size) - log_sum;
  if (want_gradient) {
    float share = smoothing / static_cast<float>(size);
    float target_gradient = exps[target] / sum - share - (1 - smoothing);
    vectorised<gradient_loop<Number>>(exps, logits, size, 1.0f / sum, share);
    logits[target] = 0;
    add_to(logits[target], target_gradient);
  }
  return {-(1 - smoothing) * log_likelihood - smoothing * mean_log, log_likelihood};
}

// Smoothed loss of a chunk of logits [rows, V], which become their gradient in place.
double chunk_loss(at::Tensor& logits, const int64_t* targets, float* log_likelihood,
                  float smoothing, bool want_gradient) {
  int64_t rows = logits.size(0), size = logits.size(1);
  std::vector<RowLoss> losses(rows);
  at::parallel_for(0, rows, 1, [&](int64_t begin, int64_t end) {
    Floats exps(size), wide;
    for (int64_t row = begin; row < end; ++row) {
      if (logits.scalar_type() == at::kFloat) {
        float* x = logits.mutable_data_ptr<float>() + row * size;
        losses[row] = row_loss(x, x, exps.data(), size, targets[row], smoothing, want_gradient);
      } else {
        wide.resize(size);
        BFloat16Bits* x = mutable_bfloat16_bits(logits) + row * size;
        widen(x, wide.data(), {1, size, 0, 0});
        losses[row] =
            row_loss(x, wide.data(), exps.data(), size, targets[row], smoothing, want_gradient);
      }
    }
  });
  double sum = 0;  // in row order: the same whatever the number of threads
  for (int64_t row = 0; row < rows; ++row) {
    sum += losses[row].smoothed;
    log_likelihood[row] = static_cast<float>(losses[row].log_likelihood);
  }
  return sum;
}

class ProjectionLossFunction : public torch::autograd::Function<ProjectionLossFunction> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& states,
                            const at::Tensor& weight, const at::Tensor& bias,
                            const at::Tensor& targets, double smoothing, bool want_gradient,
                            const at::Tensor& log_likelihood) {
    int64_t count = states.size(0);
    at::Tensor state_gradient, weight_gradient, bias_gradient;
    if (want_gradient) {
      state_gradient = at::empty_like(states);
      weight_gradient = at::zeros_like(weight);
      bias_gradient = at::zeros({bias.size(0)}, bias.options().dtype(at::kFloat));
    }
    double sum = 0;
    for (int64_t first = 0; first < count; first += kChunkRows) {
      int64_t rows = std::min(kChunkRows, count - first);
      at::Tensor x = states.narrow(0, first, rows);
      at::Tensor logits = row_product(x, weight, bias);
      sum += chunk_loss(logits, targets.const_data_ptr<int64_t>() + first,
                        log_likelihood.mutable_data_ptr<float>() + first,
                        static_cast<float>(smoothing), want_gradient);
      if (!want_gradient) continue;
      state_gradient.narrow(0, first, rows).copy_(row_product(logits, weight.t()));
      weight_product(logits, x, weight_gradient);
      bias_gradient += row_sum(logits);
    }
    if (want_gradient) {
      context->save_for_backward({state_gradient, weight_gradient, bias_gradient.to(bias.dtype())});
    }
    return at::full({}, sum, states.options().dtype(at::kFloat));
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    auto saved = context->get_saved_variables();
    bool unscaled = gradients[0].item<float>() == 1;  // as the loss of a batch is
    torch::autograd::variable_list out;
    for (const at::Tensor& gradient : saved) {
      out.push_back(unscaled ? gradient : gradient * gradients[0].to(gradient.dtype()));
    }
    constexpr int kWithoutGradient = 4;  // targets, smoothing, want_gradient, log_likelihood
    for (int i = 0; i < kWithoutGradient; ++i) out.emplace_back();
    return out;
  }
};

}  // namespace

ProjectionLoss projection_loss(const at::Tensor& states, const at::Tensor& weight,
                               const at::Tensor& bias, const at::Tensor& targets,
                               double smoothing) {
  if (!has_kernel(states))
    return projection_loss_reference(states, weight, bias, targets, smoothing);
  bool want_gradient = at::GradMode::is_enabled() &&
                       (states.requires_grad() || weight.requires_grad() || bias.requires_grad());
  ProjectionLoss result;
  result.log_likelihood = at::empty({states.size(0)}, states.options().dtype(at::kFloat));
  result.smoothed_sum =
      ProjectionLossFunction::apply(states.contiguous(), weight, bias, targets.contiguous(),
                                    smoothing, want_gradient, result.log_likelihood);
  return result;
}

ProjectionLoss projection_loss_reference(const at::Tensor& states, const at::Tensor& weight,
                                         const at::Tensor& bias, const at::Tensor& targets,
                                         double smoothing) {
  at::Tensor log_probabilities =
      at::log_softmax(at::linear(states, weight, bias).to(at::kFloat), -1);
  at::Tensor chosen = log_probabilities.gather(1, targets.unsqueeze(1)).squeeze(1);
  at::Tensor mean = log_probabilities.mean(1);
  at::Tensor smoothed = -((1 - smoothing) * chosen + smoothing * mean).sum();
  return {smoothed, chosen.detach()};
}

}  // namespace heed::kernels
