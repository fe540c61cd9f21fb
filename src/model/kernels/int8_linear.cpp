#include "model/kernels/int8_linear.h"

#include "model/torch.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "model/kernels/simd.h"
#include "util/error.h"

#if defined(__x86_64__) && defined(__GNUC__)
#define HEED_VNNI 1
#include <immintrin.h>
#else
#define HEED_VNNI 0
#endif

namespace heed::kernels {
namespace {

constexpr int64_t kPanel = 16;  // outputs side by side: the 32-bit lanes of a 512-bit register
constexpr int64_t kGroup = 4;   // inputs that one instruction multiplies and adds
constexpr int32_t kOffset = 128;
constexpr float kLargest = 127;

int64_t groups_of(int64_t in) { return (in + kGroup - 1) / kGroup; }
int64_t panels_of(int64_t out) { return (out + kPanel - 1) / kPanel; }

// What is multiplied: rows of x in 8 bits, zero beyond `in`, with scale and sum of each.
struct Int8Rows {
  std::vector<int8_t> values;  // [rows, 4 * groups]
  Floats scales;
  std::vector<int32_t> sums;
};

// Everything that a block of the product reads and writes.
struct Product {
  const int8_t* x;        // [rows, 4 * groups]
  const float* x_scales;  // [rows]
  const int32_t* x_sums;  // [rows]
  const uint8_t* weight;  // [panels, groups, 16, 4]
  const float* w_scales;  // [16 * panels]
  const float* bias;      // [out], may be null
  float* y;               // [rows, out]
  int64_t rows, out, groups;
};

HEED_SIMD float largest_magnitude(const float* x, int64_t size) {
  int32_t largest = 0;  // magnitudes order as their bits do
  for (int64_t i = 0; i < size; ++i) {
    int32_t bits = __builtin_bit_cast(int32_t, x[i]) & 0x7FFFFFFF;
    largest = bits > largest ? bits : largest;
  }
  return __builtin_bit_cast(float, largest);
}

// Rounds x * inverse to the nearest integer, ties to even; returns the sum.
HEED_SIMD int32_t round_row(const float* x, int8_t* out, int64_t size, float inverse) {
  constexpr float kShift = 12582912.0f;  // 1.5 * 2^23: adding it leaves no bits for a fraction
  int32_t sum = 0;
  for (int64_t i = 0; i < size; ++i) {
    int32_t q = __builtin_bit_cast(int32_t, x[i] * inverse + kShift) - 0x4B400000;
    out[i] = static_cast<int8_t>(q);
    sum += q;
  }
  return sum;
}

Int8Rows quantise_rows(const float* x, int64_t rows, int64_t in) {
  int64_t width = groups_of(in) * kGroup;
  Int8Rows result{std::vector<int8_t>(rows * width), Floats(rows), std::vector<int32_t>(rows)};
  for (int64_t row = 0; row < rows; ++row) {
    float largest = largest_magnitude(x + row * in, in);
    // A row of zeros, or one that is not finite, which its scale then says in the result.
    bool usable = largest > 0 && std::isfinite(largest);
    result.scales[row] = usable ? largest / kLargest : largest;
    result.sums[row] =
        usable ? round_row(x + row * in, result.values.data() + row * width, in, kLargest / largest)
               : 0;
  }
  return result;
}

// The plain loops: outputs of one row and panel.
HEED_SIMD void panel_sums(const int8_t* x, const uint8_t* weight, int64_t groups, int32_t* sums) {
  for (int64_t c = 0; c < kPanel; ++c) sums[c] = 0;
  for (int64_t g = 0; g < groups; ++g) {
    for (int64_t c = 0; c < kPanel; ++c) {
      const uint8_t* w = weight + (g * kPanel + c) * kGroup;
      const int8_t* a = x + g * kGroup;
      sums[c] += w[0] * a[0] + w[1] * a[1] + w[2] * a[2] + w[3] * a[3];
    }
  }
}

void multiply_plainly(const Product& p, int64_t first_panel, int64_t last_panel) {
  int32_t sums[kPanel];
  for (int64_t panel = first_panel; panel < last_panel; ++panel) {
    const uint8_t* weight = p.weight + panel * p.groups * kPanel * kGroup;
    int64_t first = panel * kPanel, count = std::min(kPanel, p.out - first);
    for (int64_t row = 0; row < p.rows; ++row) {
      panel_sums(p.x + row * p.groups * kGroup, weight, p.groups, sums);
      for (int64_t c = 0; c < count; ++c) {
        auto exact = static_cast<float>(sums[c] - kOffset * p.x_sums[row]);
        float scaled = exact * (p.x_scales[row] * p.w_scales[first + c]);
        p.y[row * p.out + first + c] = scaled + (p.bias ? p.bias[first + c] : 0.0f);
      }
    }
  }
}

#if HEED_VNNI
#define HEED_VNNI_TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni")))
#define HEED_VNNI_INLINE HEED_VNNI_TARGET inline __attribute__((always_inline))

using Lanes = int32_t __attribute__((vector_size(64)));

// sum += the four unsigned bytes of each lane of w times the four signed ones of x. Written out
// because GCC 12 keeps a second copy of each sum in memory where the intrinsic is used.
HEED_VNNI_INLINE void add_dot(Lanes& sum, const Lanes& w, const Lanes& x) {
  __asm__("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(w), "v"(x));
}

// Indices below are constants of templates, not of loops, so that a block's sums stay in registers.

template <int kPanels, int kIndex = 0>
HEED_VNNI_INLINE void load_weights(const uint8_t* weight, int64_t panel_size, Lanes (&w)[kPanels]) {
  w[kIndex] = reinterpret_cast<Lanes>(_mm512_loadu_si512(weight + kIndex * panel_size));
  if constexpr (kIndex + 1 < kPanels) load_weights<kPanels, kIndex + 1>(weight, panel_size, w);
}

// Four inputs of each row from kRow on, times their weights for 16 outputs a panel.
template <int kRows, int kPanels, int kRow = 0>
HEED_VNNI_INLINE void add_products(const int8_t* x, int64_t width, const Lanes (&w)[kPanels],
                                   Lanes (&sums)[kRows][kPanels]) {
  int32_t four;
  __builtin_memcpy(&four, x + kRow * width, sizeof four);
  auto inputs = reinterpret_cast<Lanes>(_mm512_set1_epi32(four));
  add_dot(sums[kRow][0], w[0], inputs);
  if constexpr (kPanels > 1) add_dot(sums[kRow][1], w[1], inputs);
  if constexpr (kPanels > 2) add_dot(sums[kRow][2], w[2], inputs);
  if constexpr (kPanels > 3) add_dot(sums[kRow][3], w[3], inputs);
  if constexpr (kRow + 1 < kRows) add_products<kRows, kPanels, kRow + 1>(x, width, w, sums);
}

// What 16 outputs have in common.
struct PanelEnd {
  __m512 scales, bias;
  int64_t first;
  __mmask16 mask;
};

// Sums of the rows from kRow on of one panel, as numbers again.
template <int kRows, int kPanels, int kPanelIndex, int kRow = 0>
HEED_VNNI_INLINE void write_panel(const Product& p, int64_t row, const PanelEnd& end,
                                  const Lanes (&sums)[kRows][kPanels]) {
  // Plain arithmetic on vectors: the intrinsic that converts makes GCC 12 warn.
  Lanes exact = sums[kRow][kPanelIndex] - kOffset * p.x_sums[row + kRow];
  __m512 scale = p.x_scales[row + kRow] * end.scales;
  _mm512_mask_storeu_ps(p.y + (row + kRow) * p.out + end.first, end.mask,
                        __builtin_convertvector(exact, __m512) * scale + end.bias);
  if constexpr (kRow + 1 < kRows) {
    write_panel<kRows, kPanels, kPanelIndex, kRow + 1>(p, row, end, sums);
  }
}

template <int kRows, int kPanels, int kPanelIndex = 0>
HEED_VNNI_INLINE void write_panels(const Product& p, int64_t row, int64_t panel,
                                   const Lanes (&sums)[kRows][kPanels]) {
  PanelEnd end;
  end.first = (panel + kPanelIndex) * kPanel;
  end.mask = static_cast<__mmask16>((1u << std::min(kPanel, p.out - end.first)) - 1);
  end.scales = _mm512_loadu_ps(p.w_scales + end.first);
  end.bias = p.bias ? _mm512_maskz_loadu_ps(end.mask, p.bias + end.first) : _mm512_setzero_ps();
  write_panel<kRows, kPanels, kPanelIndex>(p, row, end, sums);
  if constexpr (kPanelIndex + 1 < kPanels) {
    write_panels<kRows, kPanels, kPanelIndex + 1>(p, row, panel, sums);
  }
}

// Outputs of kRows rows and kPanels panels.
template <int kRows, int kPanels>
HEED_VNNI_TARGET void vnni_block(const Product& p, int64_t row, int64_t panel) {
  Lanes sums[kRows][kPanels] = {};
  int64_t width = p.groups * kGroup, panel_size = width * kPanel;
  const int8_t* x = p.x + row * width;
  const uint8_t* weight = p.weight + panel * panel_size;
  for (int64_t g = 0; g < p.groups; ++g) {
    Lanes w[kPanels];
    load_weights<kPanels>(weight + g * kPanel * kGroup, panel_size, w);
    add_products<kRows, kPanels>(x + g * kGroup, width, w, sums);
  }
  write_panels<kRows, kPanels>(p, row, panel, sums);
}

template <int kRows>
void vnni_panels(const Product& p, int64_t row, int64_t panel, int64_t panels) {
  switch (panels) {
    case 1:
      return vnni_block<kRows, 1>(p, row, panel);
    case 2:
      return vnni_block<kRows, 2>(p, row, panel);
    case 3:
      return vnni_block<kRows, 3>(p, row, panel);
    default:
      return vnni_block<kRows, 4>(p, row, panel);
  }
}

void multiply_by_vnni(const Product& p, int64_t first_panel, int64_t last_panel) {
  constexpr int64_t kRows = 6, kPanels = 4;  // 24 sums, 4 weights, one input: of 32 registers
  for (int64_t panel = first_panel; panel < last_panel; panel += kPanels) {
    int64_t panels = std::min(kPanels, last_panel - panel), row = 0;
    for (; row + kRows <= p.rows; row += kRows) vnni_panels<kRows>(p, row, panel, panels);
    switch (p.rows - row) {
      case 5:
        vnni_panels<5>(p, row, panel, panels);
        break;
      case 4:
        vnni_panels<4>(p, row, panel, panels);
        break;
      case 3:
        vnni_panels<3>(p, row, panel, panels);
        break;
      case 2:
        vnni_panels<2>(p, row, panel, panels);
        break;
      case 1:
        vnni_panels<1>(p, row, panel, panels);
        break;
      default:
        break;
    }
  }
}
#else
void multiply_by_vnni(const Product& p, int64_t first_panel, int64_t last_panel) {
  multiply_plainly(p, first_panel, last_panel);
}
#endif

}  // namespace

bool has_int8_instructions() {
#if HEED_VNNI
  static const bool has =
      __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512vl");
  return has;
#else
  return false;
#endif
}

Int8Weight quantise_weight(const at::Tensor& weight) {
  at::Tensor w = weight.detach().to(at::kFloat).contiguous();
  int64_t out = w.size(0), in = w.size(1), groups = groups_of(in), panels = panels_of(out);
  Int8Rows rows = quantise_rows(w.const_data_ptr<float>(), out, in);
  Int8Weight result{at::full({panels, groups, kPanel, kGroup}, kOffset, at::kByte),
                    at::zeros({panels * kPanel}, at::kFloat), out, in};
  auto* packed = result.packed.mutable_data_ptr<uint8_t>();
  for (int64_t o = 0; o < out; ++o) {
    uint8_t* panel = packed + o / kPanel * groups * kPanel * kGroup + o % kPanel * kGroup;
    for (int64_t i = 0; i < groups * kGroup; ++i) {
      int32_t value = rows.values[o * groups * kGroup + i] + kOffset;
      panel[i / kGroup * kPanel * kGroup + i % kGroup] = static_cast<uint8_t>(value);
    }
  }
  std::ranges::copy(rows.scales, result.scales.mutable_data_ptr<float>());
  return result;
}

at::Tensor int8_linear(const at::Tensor& x, const Int8Weight& weight, const at::Tensor& bias) {
  at::Tensor input = x.contiguous();
  if (input.scalar_type() != at::kFloat || input.size(-1) != weight.in) {
    fail("int8_linear: expected float32 rows of {}, got {} rows of {}", weight.in,
         c10::toString(input.scalar_type()), input.size(-1));
  }
  auto sizes = input.sizes().vec();
  sizes.back() = weight.out;
  at::Tensor output = at::empty(sizes, input.options());
  int64_t rows = input.numel() / weight.in;
  Int8Rows quantised = quantise_rows(input.const_data_ptr<float>(), rows, weight.in);
  Product product{quantised.values.data(),
                  quantised.scales.data(),
                  quantised.sums.data(),
                  weight.packed.const_data_ptr<uint8_t>(),
                  weight.scales.const_data_ptr<float>(),
                  bias.defined() ? bias.const_data_ptr<float>() : nullptr,
                  output.mutable_data_ptr<float>(),
                  rows,
                  weight.out,
                  groups_of(weight.in)};
  constexpr int64_t kGrainPanels = 32;
  at::parallel_for(0, panels_of(weight.out), kGrainPanels, [&](int64_t begin, int64_t end) {
    has_int8_instructions() ? multiply_by_vnni(product, begin, end)
                            : multiply_plainly(product, begin, end);
  });
  return output;
}

at::Tensor int8_linear_reference(const at::Tensor& x, const at::Tensor& weight,
                                 const at::Tensor& bias) {
  auto rounded = [](const at::Tensor& rows) {
    at::Tensor wide = rows.to(at::kDouble);
    at::Tensor scale = wide.abs().amax(-1, true) / static_cast<double>(kLargest);
    return at::where(scale > 0, (wide / scale).round() * scale, wide);
  };
  at::Tensor y = at::linear(rounded(x), rounded(weight));
  return (bias.defined() ? y + bias : y).to(at::kFloat);
}

}  // namespace heed::kernels
