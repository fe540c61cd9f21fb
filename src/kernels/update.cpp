#include "kernels/update.h"

#include "kernels/torch.h"

#include <cmath>

#include "kernels/rows.h"
#include "util/tree_sum.h"

namespace heed::kernels {
namespace {

constexpr int64_t kGrain = 1 << 15;
constexpr int64_t kTreeBlock = 1024;  // elements: what is added up is still in the cache

template <typename Number>
HEED_INLINE void add_loop(float* sum, Number* gradient, int64_t begin, int64_t end) {
  for (int64_t i = begin; i < end; ++i) sum[i] += to_float(gradient[i]);
  for (int64_t i = begin; i < end; ++i) gradient[i] = 0;
}

template <typename Number>
HEED_INLINE void take_loop(float* total, Number* gradient, int64_t begin, int64_t count) {
  for (int64_t i = 0; i < count; ++i) total[i] = to_float(gradient[begin + i]);
  for (int64_t i = 0; i < count; ++i) gradient[begin + i] = 0;
}

// total [n]: the sum of gradients[first, last) from `begin` on; these become 0. `scratch` has room
// for a block for each halving.
template <typename Number>
void tree_block(const std::vector<Number*>& gradients, size_t first, size_t last, int64_t begin,
                int64_t count, float* total, float* scratch) {
  if (last - first == 1) {
    return vectorised<take_loop<Number>>(total, gradients[first], begin, count);
  }
  size_t half = 1;
  while (2 * half < last - first) half *= 2;
  tree_block(gradients, first, first + half, begin, count, total, scratch);
  tree_block(gradients, first + half, last, begin, count, scratch, scratch + kTreeBlock);
  vectorised<add_loop<float>>(total, scratch, 0, count);
}

template <typename Number>
void add_tree(float* sum, const std::vector<Number*>& gradients, int64_t begin, int64_t end) {
  if (gradients.size() == 1) {
    return vectorised<add_loop<Number>>(sum, gradients[0], begin, end);
  }
  std::vector<float> room((gradients.size() + 1) * kTreeBlock);
  for (int64_t at = begin; at < end; at += kTreeBlock) {
    int64_t count = std::min(kTreeBlock, end - at);
    tree_block(gradients, 0, gradients.size(), at, count, room.data(), room.data() + kTreeBlock);
    vectorised<add_loop<float>>(sum + at, room.data(), 0, count);
  }
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

std::vector<double> sum_gradients(const at::Tensor& sum, const std::vector<at::Tensor>& gradients) {
  if (!sum.is_cpu()) return sum_gradients_reference(sum, gradients);
  int64_t size = sum.numel(), blocks = (size + kNormBlock - 1) / kNormBlock;
  std::vector<double> norms(blocks);
  float* total = sum.mutable_data_ptr<float>();
  with_number_of(gradients.empty() ? sum : gradients[0], [&](auto number) {
    using Number = decltype(number);
    std::vector<Number*> all;
    for (const at::Tensor& gradient : gradients) all.push_back(write<Number>(gradient));
    at::parallel_for(0, blocks, 1, [&](int64_t first, int64_t last) {
      for (int64_t block = first; block < last; ++block) {
        int64_t begin = block * kNormBlock, end = std::min(begin + kNormBlock, size);
        if (!all.empty()) add_tree(total, all, begin, end);
        norms[block] = vectorised<square_loop>(total, begin, end);
      }
    });
  });
  return norms;
}

std::vector<double> sum_gradients_reference(const at::Tensor& sum,
                                            const std::vector<at::Tensor>& gradients) {
  std::vector<at::Tensor> parts;
  for (const at::Tensor& gradient : gradients) parts.push_back(gradient.to(at::kFloat));
  if (!parts.empty()) sum.add_(tree_sum(std::move(parts)));
  for (const at::Tensor& gradient : gradients) gradient.zero_();
  std::vector<double> norms;
  for (const at::Tensor& block : sum.split(kNormBlock)) {
    auto norm = block.norm().item<double>();
    norms.push_back(norm * norm);
  }
  return norms;
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
