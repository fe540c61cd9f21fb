#include "kernels/activation.h"

#include "kernels/torch.h"

#include "kernels/dropout.h"
#include "kernels/mask.h"
#include "kernels/rows.h"

namespace heed::kernels {
namespace {

constexpr int64_t kChunk = 1024, kGrainChunks = 16;

// P(Z < x) by erf's approximation of Abramowitz and Stegun, 7.1.26, and the density at x.
struct Normal {
  float below, density;
};
HEED_INLINE Normal normal(float x) {
  float magnitude = __builtin_fabsf(x) * 0.70710678f;
  float t = 1.0f / (1.0f + 0.3275911f * magnitude);
  float p = 1.061405429f;
  p = p * t - 1.453152027f;
  p = p * t + 1.421413741f;
  p = p * t - 0.284496736f;
  p = p * t + 0.254829592f;
  float e = exp_fast(-magnitude * magnitude);
  float half_tail = 0.5f * p * t * e;
  return {x < 0 ? half_tail : 1.0f - half_tail, e * 0.39894228f};
}

template <typename Number>
struct ActivationRows {
  const Number* x;       // the input; backward of ReLU: the output
  const Number* change;  // the output's gradient, backward alone
  const float* factors;  // the mask
  Number* out;
};
template <typename AnyRows>
using NumberOf = std::remove_pointer_t<decltype(std::declval<AnyRows>().out)>;

// What is not below 0 stays: NaN too.
template <typename Number>
HEED_INLINE void relu_loop(const ActivationRows<Number>& rows, int64_t size) {
  const Number* __restrict x = rows.x;
  const float* __restrict factors = rows.factors;
  Number* __restrict out = rows.out;
  for (int64_t i = 0; i < size; ++i) {
    float value = to_float(x[i]);
    store(&out[i], (value < 0.0f ? 0.0f : value) * factors[i]);
  }
}

// What came out above 0 was neither dropped nor below 0 going in: no mask is needed.
template <typename Number>
HEED_INLINE void relu_backward_loop(const ActivationRows<Number>& rows, float scale, int64_t size) {
  const Number* __restrict result = rows.x;
  const Number* __restrict change = rows.change;
  Number* __restrict out = rows.out;
  for (int64_t i = 0; i < size; ++i) {
    float factor = to_float(result[i]) <= 0.0f ? 0.0f : scale;
    store(&out[i], to_float(change[i]) * factor);
  }
}

template <typename Number>
HEED_INLINE void gelu_loop(const ActivationRows<Number>& rows, int64_t size) {
  const Number* __restrict x = rows.x;
  const float* __restrict factors = rows.factors;
  Number* __restrict out = rows.out;
  for (int64_t i = 0; i < size; ++i) {
    float value = to_float(x[i]);
    store(&out[i], value * normal(value).below * factors[i]);
  }
}

template <typename Number>
HEED_INLINE void gelu_backward_loop(const ActivationRows<Number>& rows, int64_t size) {
  const Number* __restrict x = rows.x;
  const Number* __restrict change = rows.change;
  const float* __restrict factors = rows.factors;
  Number* __restrict out = rows.out;
  for (int64_t i = 0; i < size; ++i) {
    float value = to_float(x[i]);
    Normal at = normal(value);
    store(&out[i], to_float(change[i]) * factors[i] * (at.below + value * at.density));
  }
}

constexpr float kQuickGeluSlope = 1.702f;

HEED_INLINE float sigmoid(float x) { return 1.0f / (1.0f + exp_fast(-x)); }

template <typename Number>
HEED_INLINE void swish_loop(const ActivationRows<Number>& rows, float slope, int64_t size) {
  const Number* __restrict x = rows.x;
  const float* __restrict factors = rows.factors;
  Number* __restrict out = rows.out;
  for (int64_t i = 0; i < size; ++i) {
    float value = to_float(x[i]);
    store(&out[i], value * sigmoid(slope * value) * factors[i]);
  }
}

// With s = sigmoid(b x): (x s)' = s + b x s (1 - s).
template <typename Number>
HEED_INLINE void swish_backward_loop(const ActivationRows<Number>& rows, float slope,
                                     int64_t size) {
  const Number* __restrict x = rows.x;
  const Number* __restrict change = rows.change;
  const float* __restrict factors = rows.factors;
  Number* __restrict out = rows.out;
  for (int64_t i = 0; i < size; ++i) {
    float value = slope * to_float(x[i]), s = sigmoid(value);
    store(&out[i], to_float(change[i]) * factors[i] * (s + value * s * (1.0f - s)));
  }
}

float slope_of(Activation activation) {
  return activation == Activation::kQuickGelu ? kQuickGeluSlope : 1.0f;
}

template <typename Number>
void run_forward(const ActivationRows<Number>& rows, Activation activation, int64_t size) {
  switch (activation) {
    case Activation::kRelu:
      vectorised<relu_loop<Number>>(rows, size);
      return;
    case Activation::kGelu:
      vectorised<gelu_loop<Number>>(rows, size);
      return;
    case Activation::kQuickGelu:
    case Activation::kSwish:
      vectorised<swish_loop<Number>>(rows, slope_of(activation), size);
  }
}

// Of all but ReLU, whose backward needs no mask.
template <typename Number>
void run_backward(const ActivationRows<Number>& rows, Activation activation, int64_t size) {
  if (activation == Activation::kGelu) {
    vectorised<gelu_backward_loop<Number>>(rows, size);
  } else {
    vectorised<swish_backward_loop<Number>>(rows, slope_of(activation), size);
  }
}

// One pass over x (and, backward, the gradient), in chunks whose mask stays in the cache. Threads
// share out whole chunks: a number is computed in the same way whatever their number.
template <typename Work>
at::Tensor in_chunks(const at::Tensor& x, const at::Tensor& change, const DropoutMask& mask,
                     Work&& work) {
  at::Tensor out = at::empty_like(x);
  int64_t chunks = (x.numel() + kChunk - 1) / kChunk;
  with_number_of(x, [&](auto number) {
    using Number = decltype(number);
    at::parallel_for(0, chunks, kGrainChunks, [&](int64_t begin, int64_t end) {
      float factors[kChunk];
      std::fill_n(factors, kChunk, 1.0f);
      for (int64_t chunk = begin; chunk < end; ++chunk) {
        int64_t first = chunk * kChunk, size = std::min(kChunk, x.numel() - first);
        if (mask.drops()) fill_mask(mask, first, first + size, factors);
        ActivationRows<Number> rows{read<Number>(x) + first, nullptr, factors,
                                    write<Number>(out) + first};
        if (change.defined()) rows.change = read<Number>(change) + first;
        work(rows, size);
      }
    });
  });
  return out;
}

at::Tensor forward_of(const at::Tensor& x, Activation activation, const DropoutMask& mask) {
  return in_chunks(x, {}, mask,
                   [&](const auto& rows, int64_t size) { run_forward(rows, activation, size); });
}

class ActivationDropout : public torch::autograd::Function<ActivationDropout> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& input,
                            int64_t kind, double p) {
    DropoutMask mask = next_mask(p);
    at::Tensor x = input.contiguous();
    auto activation = static_cast<Activation>(kind);
    at::Tensor out = forward_of(x, activation, mask);
    context->save_for_backward({activation == Activation::kRelu ? out : x});
    context->saved_data["kind"] = kind;
    context->saved_data["mask"] = mask.packed();
    return out;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    at::Tensor saved = context->get_saved_variables()[0], change = gradients[0].contiguous();
    DropoutMask mask = DropoutMask::unpacked(context->saved_data["mask"].toInt());
    auto backward_of_relu = [&](const auto& rows, int64_t size) {
      vectorised<relu_backward_loop<NumberOf<decltype(rows)>>>(rows, mask.scale, size);
    };
    auto activation = static_cast<Activation>(context->saved_data["kind"].toInt());
    auto backward_of_others = [&](const auto& rows, int64_t size) {
      run_backward(rows, activation, size);
    };
    at::Tensor out = activation == Activation::kRelu
                         ? in_chunks(saved, change, {}, backward_of_relu)
                         : in_chunks(saved, change, mask, backward_of_others);
    return {out, {}, {}};
  }
};

}  // namespace

at::Tensor activation_dropout(const at::Tensor& x, Activation activation, double p) {
  if (!has_kernel(x)) return activation_dropout_reference(x, activation, p);
  if (!at::GradMode::is_enabled()) return forward_of(x.contiguous(), activation, next_mask(p));
  return ActivationDropout::apply(x, static_cast<int64_t>(activation), p);
}

void activate(const float* x, int64_t size, Activation activation, float* out) {
  float factors[kChunk];
  std::fill_n(factors, kChunk, 1.0f);
  for (int64_t first = 0; first < size; first += kChunk) {
    ActivationRows<float> rows{x + first, nullptr, factors, out + first};
    int64_t count = std::min(kChunk, size - first);
    run_forward(rows, activation, count);
  }
}

at::Tensor activation_dropout_reference(const at::Tensor& x, Activation activation, double p) {
  switch (activation) {
    case Activation::kRelu:
      return dropout(at::relu(x), p);
    case Activation::kGelu:
      return dropout(at::gelu(x), p);
    default:
      return dropout(x * at::sigmoid(x * slope_of(activation)), p);
  }
}

}  // namespace heed::kernels
