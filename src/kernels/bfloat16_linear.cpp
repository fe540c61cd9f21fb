#include "kernels/bfloat16_linear.h"

#include "kernels/torch.h"

#include <algorithm>
#include <vector>

#include "kernels/grouped_linear.h"
#include "kernels/rows.h"
#include "kernels/tile_panels.h"

namespace heed::kernels {
namespace {

constexpr int64_t kGroup = 2;  // inputs that one instruction multiplies and adds

using Halves = std::vector<BFloat16Bits, Aligned<BFloat16Bits>>;

#if HEED_DOT_PANELS
struct Bfloat16Dot {
  using Lanes = __m512;
  // Products and sums in float32. Written out as that of int8_linear.cpp is.
  static HEED_DOT_INLINE void add_dot(Lanes& sum, const Lanes& w, const Lanes& x) {
    __asm__("vdpbf16ps %2, %1, %0" : "+v"(sum) : "v"(w), "v"(x));
  }
  template <int kSum, int kX, int kWeight>
  static HEED_DOT_INLINE void add_tiles() {
    __asm__ volatile("tdpbf16ps %%tmm%c2, %%tmm%c1, %%tmm%c0" ::"i"(kSum), "i"(kX), "i"(kWeight));
  }
  HEED_DOT_INLINE void finish(const Lanes& sum, int64_t, int64_t, __m512& out) const { out = sum; }
};
#endif

// The plain loops: outputs of one row and panel.
HEED_INLINE void panel_loop(const BFloat16Bits* x, const BFloat16Bits* weight, int64_t groups,
                            float* sums) {
  for (int64_t c = 0; c < kPanel; ++c) sums[c] = 0;
  for (int64_t g = 0; g < groups; ++g) {
    float first = to_float(x[g * kGroup]), second = to_float(x[g * kGroup + 1]);
    const BFloat16Bits* w = weight + g * kPanel * kGroup;
    for (int64_t c = 0; c < kPanel; ++c) {
      sums[c] += to_float(w[c * kGroup]) * first + to_float(w[c * kGroup + 1]) * second;
    }
  }
}

void multiply_plainly(const DotProduct& p, int64_t first_panel, int64_t last_panel) {
  const auto* x = reinterpret_cast<const BFloat16Bits*>(p.x);
  const auto* weight = reinterpret_cast<const BFloat16Bits*>(p.weight);
  float sums[kPanel];
  for (int64_t panel = first_panel; panel < last_panel; ++panel) {
    int64_t first = panel * kPanel, count = std::min(kPanel, p.out - first);
    for (int64_t row = 0; row < p.rows; ++row) {
      vectorised<panel_loop>(x + row * p.groups * kGroup, weight + first * p.groups * kGroup,
                             p.groups, sums);
      for (int64_t c = 0; c < count; ++c) {
        p.y[row * p.out + first + c] = sums[c] + (p.bias ? p.bias[first + c] : 0.0f);
      }
    }
  }
}

void multiply(const DotProduct& p, int64_t first_panel, int64_t last_panel) {
#if HEED_DOT_PANELS
  if (has_tiles()) return multiply_tiles(p, Bfloat16Dot{}, first_panel, last_panel);
  if (has_bfloat16_instructions()) {
    return multiply_panels(p, Bfloat16Dot{}, first_panel, last_panel);
  }
#endif
  multiply_plainly(p, first_panel, last_panel);
}

// Two inputs in a group; zero beyond `out` and `in`.
class Bfloat16Linear : public GroupedLinear {
 public:
  Bfloat16Linear(const at::Tensor& weight, const at::Tensor& bias)
      : GroupedLinear(weight, bias, {kGroup, 0}) {
    at::Tensor w = weight.detach().to(at::kBFloat16).contiguous();
    const BFloat16Bits* rows = bfloat16_bits(w);
    int64_t width = groups() * kGroup;
    at::parallel_for(0, panels_of(out()), kGrainPanels, [&](int64_t begin, int64_t end) {
      for (int64_t first = begin * kPanel; first < std::min(end * kPanel, out()); first += kPanel) {
        Halves filled(kPanel * width, 0);
        for (int64_t c = 0; c < std::min(kPanel, out() - first); ++c) {
          std::copy_n(rows + (first + c) * in(), in(), filled.data() + c * width);
        }
        set_panel(first / kPanel, filled.data());
      }
    });
  }
  Bfloat16Linear(const Bfloat16Linear& whole, std::span<const int32_t> outputs)
      : GroupedLinear(whole, outputs) {}

  std::shared_ptr<const PackedLinear> select(std::span<const int32_t> outputs) const override {
    return std::make_shared<Bfloat16Linear>(*this, outputs);
  }

  void apply(const float* x, int64_t rows, float* y) const override {
    thread_local Halves rounded;  // keeps its memory from step to step
    rounded.assign(in_whole_tiles(rows) * groups() * kGroup, 0);
    narrow(x, rounded.data(), {rows, in(), in(), groups() * kGroup});
    multiply_with(rounded.data(), rows, y, multiply);
  }
};

}  // namespace

bool has_bfloat16_instructions() { return cpu_level() >= CpuLevel::kAvx512Bf16; }

std::shared_ptr<const PackedLinear> pack_bfloat16(const at::Tensor& weight,
                                                  const at::Tensor& bias) {
  return std::make_shared<Bfloat16Linear>(weight, bias);
}

}  // namespace heed::kernels
