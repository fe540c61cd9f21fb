#include "kernels/dropout.h"

#include "kernels/torch.h"

#include <ATen/CPUGeneratorImpl.h>

#include "kernels/mask.h"
#include "kernels/rows.h"

namespace heed::kernels {
namespace {

constexpr int64_t kGrain = 1 << 14, kChunk = 1024;

template <typename Number>
HEED_INLINE void multiply_loop(const Number* __restrict x, const float* __restrict factors,
                               Number* __restrict out, int64_t size) {
  for (int64_t i = 0; i < size; ++i) store(&out[i], to_float(x[i]) * factors[i]);
}

at::Tensor masked(const at::Tensor& input, const DropoutMask& mask) {
  at::Tensor x = input.contiguous();
  at::Tensor out = at::empty_like(x);
  with_number_of(x, [&](auto number) {
    using Number = decltype(number);
    at::parallel_for(0, x.numel(), kGrain, [&](int64_t begin, int64_t end) {
      float factors[kChunk];
      for (int64_t first = begin; first < end; first += kChunk) {
        int64_t size = std::min(kChunk, end - first);
        fill_mask(mask, first, first + size, factors);
        vectorised<multiply_loop<Number>>(read<Number>(x) + first, factors,
                                          write<Number>(out) + first, size);
      }
    });
  });
  return out;
}

class Dropout : public torch::autograd::Function<Dropout> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& x,
                            double p) {
    DropoutMask mask = next_mask(p);
    context->saved_data["mask"] = mask.packed();
    return masked(x, mask);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    DropoutMask mask = DropoutMask::unpacked(context->saved_data["mask"].toInt());
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
  return at::make_generator<at::CPUGeneratorImpl>(mask_key(state.seed, state.calls++));
}

at::Tensor dropout(const at::Tensor& x, double p) {
  if (p == 0) return x;
  return has_kernel(x) ? Dropout::apply(x, p) : at::dropout(x, p, /*train=*/true);
}

}  // namespace heed::kernels
