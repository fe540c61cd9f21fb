#include "kernels/update.h"

#include "kernels/torch.h"

#include <cmath>

#include "kernels/rows.h"

namespace heed::kernels {
namespace {

constexpr int64_t kGrain = 1 << 15;

template <typename Number>
HEED_INLINE void add_loop(float* sum, Number* gradient, int64_t begin, int64_t end) {
  for (int64_t i = begin; i < end; ++i) sum[i] += to_float(gradient[i]);
  for (int64_t i = begin; i < end; ++i) gradient[i] = 0;
}

HEED_INLINE float square_loop(const float* x, int64_t begin, int64_t end) {
  HEED_REORDERED
  float sum = 0;
  for (int64_t i = begin; i < end; ++i) sum += x[i] * x[i];
  return sum;
}

// AdamStep as the loop needs it.
struct Factors {
  float scale, beta1, beta2, epsilon, coupled_decay, keep, step_size, root_correction;
};

Factors factors_of(const AdamStep& step) {
  auto number = static_cast<double>(step.number);
  double correction1 = 1 - std::pow(step.beta1, number);
  double correction2 = 1 - std::pow(step.beta2, number);
  double decay = step.learning_rate * step.weight_decay;
  return {static_cast<float>(step.scale),
          static_cast<float>(step.beta1),
          static_cast<float>(step.beta2),
          static_cast<float>(step.epsilon),
          static_cast<float>(step.decoupled ? 0 : step.weight_decay),
          static_cast<float>(step.decoupled ? 1 - decay : 1),
          static_cast<float>(step.learning_rate / correction1),
          static_cast<float>(1 / std::sqrt(correction2))};
}

HEED_INLINE void adam_loop(float* master, float* gradient, float* first, float* second,
                           int64_t begin, int64_t end, Factors f) {
  for (int64_t i = begin; i < end; ++i) {
    float w = master[i];
    float g = gradient[i] * f.scale + f.coupled_decay * w;
    float m = f.beta1 * first[i] + (1 - f.beta1) * g;
    float v = f.beta2 * second[i] + (1 - f.beta2) * g * g;
    first[i] = m;
    second[i] = v;
    gradient[i] = 0;
    master[i] = f.keep * w - f.step_size * m / (__builtin_sqrtf(v) * f.root_correction + f.epsilon);
  }
}

}  // namespace

double sum_gradients(const at::Tensor& sum, const std::vector<at::Tensor>& gradients) {
  if (!sum.is_cpu()) return sum_gradients_reference(sum, gradients);
  int64_t size = sum.numel(), chunks = (size + kGrain - 1) / kGrain;
  std::vector<double> norms(chunks);
  float* total = sum.mutable_data_ptr<float>();
  at::parallel_for(0, chunks, 1, [&](int64_t first, int64_t last) {
    for (int64_t chunk = first; chunk < last; ++chunk) {
      int64_t begin = chunk * kGrain, end = std::min(begin + kGrain, size);
      for (const at::Tensor& gradient : gradients) {
        with_number_of(gradient, [&](auto number) {
          using Number = decltype(number);
          vectorised<add_loop<Number>>(total, write<Number>(gradient), begin, end);
        });
      }
      norms[chunk] = vectorised<square_loop>(total, begin, end);
    }
  });
  double norm = 0;  // in order: the same whatever the number of threads
  for (double part : norms) norm += part;
  return norm;
}

double sum_gradients_reference(const at::Tensor& sum, const std::vector<at::Tensor>& gradients) {
  for (const at::Tensor& gradient : gradients) {
    sum.add_(gradient);
    gradient.zero_();
  }
  double norm = sum.norm().item<double>();
  return norm * norm;
}

void adam_update(const AdamTensors& tensors, const AdamStep& step) {
  if (!tensors.master.is_cpu()) return adam_update_reference(tensors, step);
  Factors factors = factors_of(step);
  auto* master = tensors.master.mutable_data_ptr<float>();
  auto* gradient = tensors.gradient.mutable_data_ptr<float>();
  auto* first = tensors.first.mutable_data_ptr<float>();
  auto* second = tensors.second.mutable_data_ptr<float>();
  BFloat16Bits* compute =
      tensors.compute.defined() ? mutable_bfloat16_bits(tensors.compute) : nullptr;
  constexpr int64_t kBlock = 4096;  // what is narrowed is still in the cache
  at::parallel_for(0, tensors.master.numel(), kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i += kBlock) {
      int64_t stop = std::min(i + kBlock, end);
      vectorised<adam_loop>(master, gradient, first, second, i, stop, factors);
      if (compute) narrow(master + i, compute + i, {1, stop - i, 0, 0});
    }
  });
}

void adam_update_reference(const AdamTensors& tensors, const AdamStep& step) {
  tensors.gradient.mul_(step.scale);
  at::Tensor number = at::full({}, static_cast<double>(step.number), tensors.master.options());
  auto update = [&](auto&& function) {
    function(at::TensorList{tensors.master}, at::TensorList{tensors.gradient},
             at::TensorList{tensors.first}, at::TensorList{tensors.second}, at::TensorList{},
             at::TensorList{number}, step.learning_rate, step.beta1, step.beta2, step.weight_decay,
             step.epsilon, /*amsgrad=*/false, /*maximize=*/false);
  };
  if (step.decoupled) {
    update([](auto&&... rest) { at::_fused_adamw_(rest...); });
  } else {
    update([](auto&&... rest) { at::_fused_adam_(rest...); });
  }
  tensors.gradient.zero_();
  if (tensors.compute.defined()) tensors.compute.copy_(tensors.master);
}

}  // namespace heed::kernels
