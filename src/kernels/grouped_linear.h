// What the packed weights of dot_panels.h have in common: how their bytes lie.
#pragma once

#include <ATen/Parallel.h>

#include <algorithm>
#include <span>
#include <vector>

#include "kernels/packed_linear.h"
#include "kernels/tile_panels.h"

namespace heed::kernels {

// rows [16, groups, 4] as panel [groups, 16, 4], with the bits of `flip` turned in each four bytes.
HEED_INLINE void interleave_loop(const uint8_t* rows, uint8_t* panel, int64_t groups,
                                 uint32_t flip) {
  for (int64_t g = 0; g < groups; ++g) {
    for (int64_t c = 0; c < kPanel; ++c, panel += kGroupBytes) {
      uint32_t four;
      __builtin_memcpy(&four, rows + (c * groups + g) * kGroupBytes, sizeof four);
      four ^= flip;
      __builtin_memcpy(panel, &four, sizeof four);
    }
  }
}

// Panels of 16 outputs; in each, groups of inputs that fill four bytes an output, as a dot product
// instruction takes them.
class GroupedLinear : public PackedLinear {
 public:
  int64_t bytes() const override { return std::ssize(packed_); }

 protected:
  static constexpr int64_t kGrainPanels = 32;  // for a thread at least
  struct Grouping {
    int64_t inputs;  // in a group
    uint8_t filler;  // a byte of what lies beyond `out` and `in`
  };
  GroupedLinear(const at::Tensor& weight, const at::Tensor& bias, const Grouping& grouping)
      : PackedLinear(weight, bias), grouping_(grouping), packed_(size(), grouping.filler) {}
  // `outputs` of another one.
  GroupedLinear(const GroupedLinear& whole, std::span<const int32_t> outputs)
      : PackedLinear(whole, outputs),
        grouping_(whole.grouping_),
        packed_(size(), whole.grouping_.filler) {
    for (int64_t o = 0; o < out(); ++o) {
      for (int64_t g = 0; g < groups(); ++g) {
        std::copy_n(whole.packed_.data() + whole.place(outputs[o], g), kGroupBytes,
                    packed_.data() + place(o, g));
      }
    }
  }

  int64_t groups() const {
    return in_whole_tiles((in() + grouping_.inputs - 1) / grouping_.inputs);
  }
  // The outputs of one panel from their rows [16, groups, 4]. Any number of threads may call it,
  // each for panels of its own.
  void set_panel(int64_t panel, const void* rows, uint32_t flip = 0) {
    vectorised<interleave_loop>(static_cast<const uint8_t*>(rows),
                                packed_.data() + place(panel * kPanel, 0), groups(), flip);
  }

  // multiply(product, first panel, last panel) by all threads; x [rows, groups, 4].
  template <typename Multiply>
  void multiply_with(const void* x, int64_t rows, float* y, const Multiply& multiply) const {
    DotProduct product{
        static_cast<const uint8_t*>(x), packed_.data(), bias(), y, rows, out(), groups()};
    at::parallel_for(0, panels_of(out()), kGrainPanels,
                     [&](int64_t begin, int64_t end) { multiply(product, begin, end); });
  }

 private:
  int64_t size() const { return panels_of(out()) * groups() * kPanel * kGroupBytes; }
  int64_t place(int64_t o, int64_t g) const {
    return ((o / kPanel * groups() + g) * kPanel + o % kPanel) * kGroupBytes;
  }

  Grouping grouping_;
  std::vector<uint8_t, Aligned<uint8_t>> packed_;  // [panels, groups, 16, 4]
};

}  // namespace heed::kernels
