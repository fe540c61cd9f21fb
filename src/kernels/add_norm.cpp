#include "kernels/add_norm.h"

#include "kernels/torch.h"

#include "kernels/dropout.h"
#include "kernels/mask.h"
#include "kernels/rows.h"
#include "util/error.h"

namespace heed::kernels {
namespace {

// Gradients of weight and bias are summed in chunks of rows, the chunks in their order: the same
// whatever the number of threads.
constexpr int64_t kChunkRows = 128;

struct Moments {
  float mean, inverse_deviation;
};

template <typename Number>
struct ForwardRow {
  const Number *x, *update;
  const float *factors, *weight, *bias;  // the mask; the norm's
  float epsilon;
  float* values;  // scratch: the sum as rounded
  Number *sum, *normalised;
};

// Of values whose sum is `total`.
HEED_INLINE Moments moments_of(const float* values, float total, int64_t size, float epsilon) {
  HEED_REORDERED
  float mean = total / static_cast<float>(size), squares = 0;
  for (int64_t i = 0; i < size; ++i) squares += (values[i] - mean) * (values[i] - mean);
  float variance = squares / static_cast<float>(size);
  return {mean, 1.0f / __builtin_sqrtf(variance + epsilon)};
}

template <typename Number>
HEED_INLINE Moments forward_loop(const ForwardRow<Number>& row, int64_t size) {
  HEED_REORDERED
  const Number* __restrict x = row.x;
  const Number* __restrict update = row.update;
  const float* __restrict factors = row.factors;
  float* __restrict values = row.values;
  Number* __restrict sum = row.sum;
  float total = 0;
  for (int64_t i = 0; i < size; ++i) {
    Number rounded;
    store(&rounded, to_float(x[i]) + to_float(update[i]) * factors[i]);
    sum[i] = rounded;
    values[i] = to_float(rounded);
    total += values[i];
  }
  Moments moments = moments_of(values, total, size, row.epsilon);
  float mean = moments.mean, inverse = moments.inverse_deviation;
  const float* __restrict weight = row.weight;
  const float* __restrict bias = row.bias;
  Number* __restrict normalised = row.normalised;
  for (int64_t i = 0; i < size; ++i) {
    store(&normalised[i], (values[i] - mean) * inverse * weight[i] + bias[i]);
  }
  return moments;
}

HEED_INLINE void norm_loop(const float* __restrict x, int64_t size, const Norm& norm,
                           float* __restrict out) {
  HEED_REORDERED
  const float* __restrict weight = norm.weight;
  const float* __restrict bias = norm.bias;
  float total = 0;
  for (int64_t i = 0; i < size; ++i) total += x[i];
  Moments moments = moments_of(x, total, size, norm.epsilon);
  float mean = moments.mean, inverse = moments.inverse_deviation;
  for (int64_t i = 0; i < size; ++i) {
    out[i] = (x[i] - mean) * inverse * weight[i] + bias[i];
  }
}

template <typename Number>
struct BackwardRow {
  const Number *sum, *sum_change, *normalised_change;  // the sum, both outputs' gradients
  const float *factors, *weight;
  float *values, *changes;             // scratch
  float *weight_change, *bias_change;  // added to
  Number* x_change;
  Number* update_change;  // null where nothing is dropped: the same as x_change, then
};

// With n = (sum - mean) / deviation, g = the gradient of n: the sum's gradient is
// (g - mean(g) - n mean(g n)) / deviation, plus its own.
template <typename Number>
HEED_INLINE void backward_loop(const BackwardRow<Number>& row, Moments moments, int64_t size) {
  HEED_REORDERED
  const Number* __restrict sum = row.sum;
  const Number* __restrict normalised_change = row.normalised_change;
  const float* __restrict weight = row.weight;
  float* __restrict values = row.values;
  float* __restrict changes = row.changes;
  float* __restrict weight_change = row.weight_change;
  float* __restrict bias_change = row.bias_change;
  float total = 0, product = 0;
  for (int64_t i = 0; i < size; ++i) {
    float value = (to_float(sum[i]) - moments.mean) * moments.inverse_deviation;
    float change = to_float(normalised_change[i]);
    weight_change[i] += change * value;
    bias_change[i] += change;
    change *= weight[i];
    values[i] = value;
    changes[i] = change;
    total += change;
    product += change * value;
  }
  float mean = total / static_cast<float>(size), slope = product / static_cast<float>(size);
  const Number* __restrict sum_change = row.sum_change;
  const float* __restrict factors = row.factors;
  Number* __restrict x_change = row.x_change;
  for (int64_t i = 0; i < size; ++i) {
    changes[i] = (changes[i] - mean - values[i] * slope) * moments.inverse_deviation +
                 to_float(sum_change[i]);
    store(&x_change[i], changes[i]);
  }
  if (row.update_change == nullptr) return;
  Number* __restrict update_change = row.update_change;
  for (int64_t i = 0; i < size; ++i) store(&update_change[i], changes[i] * factors[i]);
}

template <typename Number>
Floats widened(const at::Tensor& x) {
  Floats out(x.numel());
  widen(read<Number>(x), out.data(), {1, x.numel(), 0, 0});
  return out;
}

struct Forward {
  at::Tensor sum, normalised, moments;  // moments [rows, 2] float32
};

Forward add_norm_forward(const at::Tensor& x, const at::Tensor& update, const DropoutMask& mask,
                         const NormTensors& norm) {
  int64_t size = norm.weight.size(0), rows = x.numel() / size;
  auto epsilon = static_cast<float>(norm.epsilon);
  Forward out{at::empty_like(x), at::empty_like(x), at::empty({rows, 2}, at::kFloat)};
  auto* moments = reinterpret_cast<Moments*>(out.moments.mutable_data_ptr<float>());
  with_number_of(x, [&](auto number) {
    using Number = decltype(number);
    Floats weights = widened<Number>(norm.weight), biases = widened<Number>(norm.bias);
    at::parallel_for(0, rows, kChunkRows, [&](int64_t begin, int64_t end) {
      Floats factors(size, 1.0f), values(size);
      for (int64_t row = begin; row < end; ++row) {
        int64_t at = row * size;
        if (mask.drops()) fill_mask(mask, at, at + size, factors.data());
        moments[row] = vectorised<forward_loop<Number>>(
            ForwardRow<Number>{read<Number>(x) + at, read<Number>(update) + at, factors.data(),
                               weights.data(), biases.data(), epsilon, values.data(),
                               write<Number>(out.sum) + at, write<Number>(out.normalised) + at},
            size);
      }
    });
  });
  return out;
}

struct Backward {
  at::Tensor x, update, weight, bias;  // gradients
};

// sum_change may be undefined: no one used the sum.
Backward add_norm_backward(const Forward& saved, const DropoutMask& mask, const at::Tensor& weight,
                           const at::Tensor& sum_change, const at::Tensor& normalised_change) {
  int64_t size = weight.size(0), rows = saved.sum.numel() / size;
  int64_t chunks = (rows + kChunkRows - 1) / kChunkRows;
  at::Tensor x_change = at::empty_like(saved.sum);
  at::Tensor update_change = mask.drops() ? at::empty_like(saved.sum) : x_change;
  at::Tensor sums = at::zeros({chunks, 2, size}, at::kFloat);  // of weight and bias, by chunk
  const auto* moments = reinterpret_cast<const Moments*>(saved.moments.const_data_ptr<float>());
  with_number_of(saved.sum, [&](auto number) {
    using Number = decltype(number);
    Floats weights = widened<Number>(weight);
    std::vector<Number> zeros(sum_change.defined() ? 0 : size);
    at::parallel_for(0, chunks, 1, [&](int64_t begin, int64_t end) {
      Floats factors(size, 1.0f), values(size), changes(size);
      for (int64_t row = begin * kChunkRows; row < std::min(rows, end * kChunkRows); ++row) {
        int64_t at = row * size;
        float* sum = sums.mutable_data_ptr<float>() + row / kChunkRows * 2 * size;
        if (mask.drops()) fill_mask(mask, at, at + size, factors.data());
        vectorised<backward_loop<Number>>(
            BackwardRow<Number>{read<Number>(saved.sum) + at,
                                sum_change.defined() ? read<Number>(sum_change) + at : zeros.data(),
                                read<Number>(normalised_change) + at, factors.data(),
                                weights.data(), values.data(), changes.data(), sum, sum + size,
                                write<Number>(x_change) + at,
                                mask.drops() ? write<Number>(update_change) + at : nullptr},
            moments[row], size);
      }
    });
  });
  at::Tensor both = sums.sum(0).to(weight.scalar_type());
  return {x_change, update_change, both[0], both[1]};
}

class AddNorm : public torch::autograd::Function<AddNorm> {
 public:
  static torch::autograd::variable_list forward(torch::autograd::AutogradContext* context,
                                                const at::Tensor& x, const at::Tensor& update,
                                                double p, const at::Tensor& weight,
                                                const at::Tensor& bias, double epsilon) {
    DropoutMask mask = next_mask(p);
    Forward out =
        add_norm_forward(x.contiguous(), update.contiguous(), mask, {weight, bias, epsilon});
    context->set_materialize_grads(false);
    context->save_for_backward({out.sum, out.moments, weight});
    context->saved_data["mask"] = mask.packed();
    return {out.sum, out.normalised};
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    auto saved = context->get_saved_variables();
    DropoutMask mask = DropoutMask::unpacked(context->saved_data["mask"].toInt());
    at::Tensor sum_change = gradients[0].defined() ? gradients[0].contiguous() : at::Tensor();
    at::Tensor normalised_change =
        gradients[1].defined() ? gradients[1].contiguous() : at::zeros_like(saved[0]);
    Backward out =
        add_norm_backward({saved[0], {}, saved[1]}, mask, saved[2], sum_change, normalised_change);
    return {out.x, out.update, {}, out.weight, out.bias, {}};
  }
};

}  // namespace

SumAndNorm add_norm(const at::Tensor& x, const at::Tensor& update, double p,
                    const NormTensors& norm) {
  if (x.sizes() != update.sizes()) {
    fail("residual sum: x has {} numbers in {} dimensions, what is added {} in {}", x.numel(),
         x.dim(), update.numel(), update.dim());
  }
  bool same =
      x.scalar_type() == update.scalar_type() && x.scalar_type() == norm.weight.scalar_type();
  if (!has_kernel(x) || !same) return add_norm_reference(x, update, p, norm);
  if (!at::GradMode::is_enabled()) {
    Forward out = add_norm_forward(x.contiguous(), update.contiguous(), next_mask(p), norm);
    return {out.sum, out.normalised};
  }
  auto out = AddNorm::apply(x, update, p, norm.weight, norm.bias, norm.epsilon);
  return {out[0], out[1]};
}

void normalise(const float* x, int64_t rows, int64_t size, const Norm& norm, float* out) {
  for (int64_t row = 0; row < rows; ++row)
    vectorised<norm_loop>(x + row * size, size, norm, out + row * size);
}

SumAndNorm add_norm_reference(const at::Tensor& x, const at::Tensor& update, double p,
                              const NormTensors& norm) {
  at::Tensor sum = x + dropout(update, p);
  return {sum, at::layer_norm(sum, {norm.weight.size(0)}, norm.weight, norm.bias, norm.epsilon)};
}

}  // namespace heed::kernels
