#include "kernels/int8_linear.h"

#include "kernels/torch.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/grouped_linear.h"
#include "kernels/tile_panels.h"

namespace heed::kernels {
namespace {

constexpr int32_t kOffset = 128;
constexpr float kLargest = 127;

// What is multiplied: rows of x in 8 bits, zero beyond `in`, with scale and sum of each.
struct Int8Rows {
  std::vector<int8_t, Aligned<int8_t>> values;  // [rows, width]
  Floats scales;
  std::vector<int32_t> sums;
};

struct Scales {
  const float* x;         // [rows]
  const int32_t* x_sums;  // [rows]
  const float* weight;    // [16 * panels]
};

HEED_INLINE float magnitude_loop(const float* x, int64_t size) {
  int32_t largest = 0;  // magnitudes order as their bits do
  for (int64_t i = 0; i < size; ++i) {
    int32_t bits = __builtin_bit_cast(int32_t, x[i]) & 0x7FFFFFFF;
    largest = bits > largest ? bits : largest;
  }
  return __builtin_bit_cast(float, largest);
}

// Rounds x * inverse to the nearest integer, ties to even; returns the sum.
HEED_INLINE int32_t round_loop(const float* x, int8_t* out, int64_t size, float inverse) {
  constexpr float kShift = 12582912.0f;  // 1.5 * 2^23: adding it leaves no bits for a fraction
  int32_t sum = 0;
  for (int64_t i = 0; i < size; ++i) {
    int32_t q = __builtin_bit_cast(int32_t, x[i] * inverse + kShift) - 0x4B400000;
    out[i] = static_cast<int8_t>(q);
    sum += q;
  }
  return sum;
}

struct Shape {
  int64_t rows, in, width;  // rows of `in` numbers, each filled up with zeros to `width`
};

void quantise_rows(const float* x, const Shape& shape, Int8Rows& result) {
  auto [rows, in, width] = shape;
  result.values.assign(in_whole_tiles(rows) * width, 0);
  result.scales.resize(rows);
  result.sums.resize(rows);
  for (int64_t row = 0; row < rows; ++row) {
    float largest = vectorised<magnitude_loop>(x + row * in, in);
    // A row of zeros, or as good as, or one that is not finite, which its scale then says in the
    // result.
    constexpr float kSmallest = 1e-30f;  // from where 127 / largest is finite
    bool usable = largest > kSmallest && std::isfinite(largest);
    result.scales[row] = usable ? largest / kLargest : largest;
    result.sums[row] =
        usable ? vectorised<round_loop>(x + row * in, result.values.data() + row * width, in,
                                        kLargest / largest)
               : 0;
  }
}

// The plain loops: outputs of one row and panel.
HEED_INLINE void panel_loop(const int8_t* x, const uint8_t* weight, int64_t groups, int32_t* sums) {
  for (int64_t c = 0; c < kPanel; ++c) sums[c] = 0;
  for (int64_t g = 0; g < groups; ++g) {
    for (int64_t c = 0; c < kPanel; ++c) {
      const uint8_t* w = weight + (g * kPanel + c) * kGroupBytes;
      const int8_t* a = x + g * kGroupBytes;
      sums[c] += w[0] * a[0] + w[1] * a[1] + w[2] * a[2] + w[3] * a[3];
    }
  }
}

void multiply_plainly(const DotProduct& p, const Scales& scales, int64_t first_panel,
                      int64_t last_panel) {
  int32_t sums[kPanel];
  for (int64_t panel = first_panel; panel < last_panel; ++panel) {
    const uint8_t* weight = p.weight + panel * p.groups * kPanel * kGroupBytes;
    int64_t first = panel * kPanel, count = std::min(kPanel, p.out - first);
    for (int64_t row = 0; row < p.rows; ++row) {
      const auto* x = reinterpret_cast<const int8_t*>(p.x + row * p.groups * kGroupBytes);
      vectorised<panel_loop>(x, weight, p.groups, sums);
      for (int64_t c = 0; c < count; ++c) {
        auto exact = static_cast<float>(sums[c] - kOffset * scales.x_sums[row]);
        float scaled = exact * (scales.x[row] * scales.weight[first + c]);
        p.y[row * p.out + first + c] = scaled + (p.bias ? p.bias[first + c] : 0.0f);
      }
    }
  }
}

#if HEED_DOT_PANELS
struct Int8Dot {
  const Scales& scales;

  using Lanes = int32_t __attribute__((vector_size(64)));
  // sum += the four unsigned bytes of each lane of w times the four signed ones of x. Written out
  // because GCC 12 keeps a second copy of each sum in memory where the intrinsic is used.
  static HEED_DOT_INLINE void add_dot(Lanes& sum, const Lanes& w, const Lanes& x) {
    __asm__("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(w), "v"(x));
  }
  template <int kSum, int kX, int kWeight>
  static HEED_DOT_INLINE void add_tiles() {
    __asm__ volatile("tdpbsud %%tmm%c2, %%tmm%c1, %%tmm%c0" ::"i"(kSum), "i"(kX), "i"(kWeight));
  }
  HEED_DOT_INLINE void finish(const Lanes& sum, int64_t row, int64_t first, __m512& out) const {
    // Plain arithmetic on vectors: the intrinsic that converts makes GCC 12 warn.
    Lanes exact = sum - kOffset * scales.x_sums[row];
    __m512 scale = scales.x[row] * _mm512_loadu_ps(scales.weight + first);
    out = __builtin_convertvector(exact, __m512) * scale;
  }
};
#endif

void multiply(const DotProduct& p, const Scales& scales, int64_t first_panel, int64_t last_panel) {
#if HEED_DOT_PANELS
  if (has_tiles()) return multiply_tiles(p, Int8Dot{scales}, first_panel, last_panel);
  if (has_int8_instructions()) {
    return multiply_panels(p, Int8Dot{scales}, first_panel, last_panel);
  }
#endif
  multiply_plainly(p, scales, first_panel, last_panel);
}

// Four inputs of 8 bits in a group: round(w / scale) + 128, padding 128.
class Int8Linear : public GroupedLinear {
 public:
  Int8Linear(const at::Tensor& weight, const at::Tensor& bias)
      : GroupedLinear(weight, bias, {kGroupBytes, kOffset}), scales_(panels_of(out()) * kPanel) {
    at::Tensor w = weight.detach().to(at::kFloat).contiguous();
    constexpr uint32_t kAddOffset = 0x80808080;  // four times 128, modulo 256
    at::parallel_for(0, panels_of(out()), kGrainPanels, [&](int64_t begin, int64_t end) {
      Int8Rows rows;
      for (int64_t first = begin * kPanel; first < std::min(end * kPanel, out()); first += kPanel) {
        int64_t count = std::min(kPanel, out() - first);
        quantise_rows(w.const_data_ptr<float>() + first * in(),
                      {count, in(), groups() * kGroupBytes}, rows);
        rows.values.resize(kPanel * groups() * kGroupBytes);
        set_panel(first / kPanel, rows.values.data(), kAddOffset);
        std::ranges::copy(rows.scales, scales_.begin() + first);
      }
    });
  }

  Int8Linear(const Int8Linear& whole, std::span<const int32_t> outputs)
      : GroupedLinear(whole, outputs), scales_(panels_of(out()) * kPanel) {
    for (int64_t o = 0; o < out(); ++o) scales_[o] = whole.scales_[outputs[o]];
  }

  std::shared_ptr<const PackedLinear> select(std::span<const int32_t> outputs) const override {
    return std::make_shared<Int8Linear>(*this, outputs);
  }

  void apply(const float* x, int64_t rows, float* y) const override {
    thread_local Int8Rows quantised;  // keeps its memory from step to step
    quantise_rows(x, {rows, in(), groups() * kGroupBytes}, quantised);
    Scales scales{quantised.scales.data(), quantised.sums.data(), scales_.data()};
    multiply_with(quantised.values.data(), rows, y,
                  [&](const DotProduct& product, int64_t begin, int64_t end) {
                    multiply(product, scales, begin, end);
                  });
  }

 private:
  Floats scales_;  // [16 * panels]: a row's largest magnitude / 127
};

}  // namespace

bool has_int8_instructions() { return cpu_level() >= CpuLevel::kAvx512Vnni; }

std::shared_ptr<const PackedLinear> pack_int8(const at::Tensor& weight, const at::Tensor& bias) {
  return std::make_shared<Int8Linear>(weight, bias);
}

}  // namespace heed::kernels
