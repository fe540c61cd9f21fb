#include "model/kernels/dropout.h"

#include "model/torch.h"

#include <ATen/CPUGeneratorImpl.h>

#include "model/kernels/simd.h"

namespace heed::kernels {
namespace {

constexpr int64_t kGrain = 1 << 14;

// The 32-bit finaliser of MurmurHash3: every bit of the position reaches every bit of the result.
HEED_INLINE uint32_t hash_bits(uint32_t x) {
  x ^= x >> 16;
  x *= 0x85EBCA6Bu;
  x ^= x >> 13;
  x *= 0xC2B2AE35u;
  return x ^ (x >> 16);
}

uint32_t fold_seed(uint64_t seed, uint64_t call) {
  uint64_t z = (seed + 0x9E3779B97F4A7C15ull) * (call + 0xBF58476D1CE4E5B9ull);
  z = (z ^ (z >> 31)) * 0x94D049BB133111EBull;
  return static_cast<uint32_t>(z ^ (z >> 32));
}

struct Mask {
  uint32_t key;
  uint32_t threshold;  // kept where the hash is at or above it
  float scale;
};

Mask make_mask(double p, uint64_t seed, uint64_t call) {
  return {fold_seed(seed, call), static_cast<uint32_t>(p * 4294967295.0),
          static_cast<float>(1.0 / (1.0 - p))};
}

HEED_SIMD void apply_mask(const float* x, float* out, int64_t begin, int64_t end, Mask mask) {
  for (int64_t i = begin; i < end; ++i) {
    uint32_t bits = hash_bits(static_cast<uint32_t>(i) + mask.key);
    out[i] = bits >= mask.threshold ? x[i] * mask.scale : 0.0f;
  }
}

HEED_SIMD void apply_mask(const BFloat16Bits* x, BFloat16Bits* out, int64_t begin, int64_t end,
                          Mask mask) {
  for (int64_t i = begin; i < end; ++i) {
    uint32_t bits = hash_bits(static_cast<uint32_t>(i) + mask.key);
    out[i] = bits >= mask.threshold ? to_bfloat16(to_float(x[i]) * mask.scale) : BFloat16Bits{0};
  }
}

at::Tensor masked(const at::Tensor& input, const Mask& mask) {
  at::Tensor x = input.contiguous();
  at::Tensor out = at::empty_like(x);
  at::parallel_for(0, x.numel(), kGrain, [&](int64_t begin, int64_t end) {
    if (x.scalar_type() == at::kFloat) {
      apply_mask(x.const_data_ptr<float>(), out.mutable_data_ptr<float>(), begin, end, mask);
    } else {
      apply_mask(bfloat16_bits(x), mutable_bfloat16_bits(out), begin, end, mask);
    }
  });
  return out;
}

class Dropout : public torch::autograd::Function<Dropout> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& x,
                            double p) {
    DropoutState& state = dropout_state();
    uint64_t call = state.calls++;
    context->saved_data["p"] = p;
    context->saved_data["seed"] = static_cast<int64_t>(state.seed);
    context->saved_data["call"] = static_cast<int64_t>(call);
    return masked(x, make_mask(p, state.seed, call));
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    Mask mask = make_mask(context->saved_data["p"].toDouble(),
                          static_cast<uint64_t>(context->saved_data["seed"].toInt()),
                          static_cast<uint64_t>(context->saved_data["call"].toInt()));
    return {masked(gradients[0], mask), at::Tensor()};
  }
};

}  // namespace

DropoutState& dropout_state() {
  thread_local DropoutState state;
  return state;
}

at::Generator next_generator() {
  DropoutState& state = dropout_state();
  return at::make_generator<at::CPUGeneratorImpl>(fold_seed(state.seed, state.calls++));
}

at::Tensor dropout(const at::Tensor& x, double p) {
  bool ours = x.is_cpu() && (x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16);
  return ours ? Dropout::apply(x, p) : at::dropout(x, p, /*train=*/true);
}

at::Tensor dropout_mask(at::IntArrayRef sizes, double p, uint64_t seed, uint64_t call) {
  return masked(at::ones(sizes), make_mask(p, seed, call));
}

}  // namespace heed::kernels
