// Products of a few rows with a packed weight, by instructions that multiply four bytes of each
// side in each of 16 lanes and add the results to it: four integers of 8 bits, or two bfloat16.
// Included by the kinds of packed_linear.h that have one.
#pragma once

#include <algorithm>
#include <cstdint>

#include "kernels/simd.h"

#if defined(__x86_64__)
#define HEED_DOT_PANELS 1
#include <immintrin.h>
#define HEED_DOT_TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni,avx512bf16")))
#define HEED_DOT_INLINE HEED_DOT_TARGET inline __attribute__((always_inline))
#else
#define HEED_DOT_PANELS 0
#endif

namespace heed::kernels {

constexpr int64_t kPanel = 16;      // outputs side by side: the lanes of a 512-bit register
constexpr int64_t kGroupBytes = 4;  // of inputs side by side, for each lane

constexpr int64_t panels_of(int64_t out) { return (out + kPanel - 1) / kPanel; }

// Everything that a block of a product reads and writes.
struct DotProduct {
  const uint8_t* x;       // [rows, groups, 4]
  const uint8_t* weight;  // [panels, groups, 16, 4]
  const float* bias;      // [out], may be null
  float* y;               // [rows, out]
  int64_t rows, out, groups;
};

#if HEED_DOT_PANELS

// A Kind has a type Lanes of 16 numbers, add_dot(sum, w, x) and finish(sum, row, first, out): the
// sums of a row for the 16 outputs from `first` on as float32.
// Indices below are constants of templates, not of loops, so that a block's sums stay in registers.

template <typename Lanes, int kPanels, int kIndex = 0>
HEED_DOT_INLINE void load_weights(const uint8_t* weight, int64_t panel_size, Lanes (&w)[kPanels]) {
  w[kIndex] = reinterpret_cast<Lanes>(_mm512_loadu_si512(weight + kIndex * panel_size));
  if constexpr (kIndex + 1 < kPanels) {
    load_weights<Lanes, kPanels, kIndex + 1>(weight, panel_size, w);
  }
}

// A group of each row from kRow on, times its weights for 16 outputs a panel.
template <typename Kind, int kRows, int kPanels, int kRow = 0>
HEED_DOT_INLINE void add_products(const uint8_t* x, int64_t width,
                                  const typename Kind::Lanes (&w)[kPanels],
                                  typename Kind::Lanes (&sums)[kRows][kPanels]) {
  int32_t four;
  __builtin_memcpy(&four, x + kRow * width, sizeof four);
  auto inputs = reinterpret_cast<typename Kind::Lanes>(_mm512_set1_epi32(four));
  Kind::add_dot(sums[kRow][0], w[0], inputs);
  if constexpr (kPanels > 1) Kind::add_dot(sums[kRow][1], w[1], inputs);
  if constexpr (kPanels > 2) Kind::add_dot(sums[kRow][2], w[2], inputs);
  if constexpr (kPanels > 3) Kind::add_dot(sums[kRow][3], w[3], inputs);
  if constexpr (kRow + 1 < kRows) add_products<Kind, kRows, kPanels, kRow + 1>(x, width, w, sums);
}

// The sums of one row and panel, whose outputs begin with `first`.
template <typename Kind>
HEED_DOT_INLINE void write_row(const DotProduct& p, const Kind& kind, int64_t row, int64_t first,
                               const typename Kind::Lanes& sums) {
  auto mask = static_cast<__mmask16>((1u << std::min(kPanel, p.out - first)) - 1);
  __m512 y, bias = p.bias ? _mm512_maskz_loadu_ps(mask, p.bias + first) : _mm512_setzero_ps();
  kind.finish(sums, row, first, y);
  _mm512_mask_storeu_ps(p.y + row * p.out + first, mask, y + bias);
}

// The rows from kRow on of one panel.
template <typename Kind, int kRows, int kPanels, int kIndex, int kRow = 0>
HEED_DOT_INLINE void write_panel(const DotProduct& p, const Kind& kind, int64_t row, int64_t first,
                                 const typename Kind::Lanes (&sums)[kRows][kPanels]) {
  write_row(p, kind, row + kRow, first, sums[kRow][kIndex]);
  if constexpr (kRow + 1 < kRows) {
    write_panel<Kind, kRows, kPanels, kIndex, kRow + 1>(p, kind, row, first, sums);
  }
}

template <typename Kind, int kRows, int kPanels, int kIndex = 0>
HEED_DOT_INLINE void write_panels(const DotProduct& p, const Kind& kind, int64_t row, int64_t panel,
                                  const typename Kind::Lanes (&sums)[kRows][kPanels]) {
  write_panel<Kind, kRows, kPanels, kIndex>(p, kind, row, (panel + kIndex) * kPanel, sums);
  if constexpr (kIndex + 1 < kPanels) {
    write_panels<Kind, kRows, kPanels, kIndex + 1>(p, kind, row, panel, sums);
  }
}

// Outputs of kRows rows and kPanels panels.
template <typename Kind, int kRows, int kPanels>
HEED_DOT_TARGET void dot_block(const DotProduct& p, const Kind& kind, int64_t row, int64_t panel) {
  typename Kind::Lanes sums[kRows][kPanels] = {};
  int64_t width = p.groups * kGroupBytes, panel_size = width * kPanel;
  const uint8_t* x = p.x + row * width;
  const uint8_t* weight = p.weight + panel * panel_size;
  for (int64_t g = 0; g < p.groups; ++g) {
    typename Kind::Lanes w[kPanels];
    load_weights<typename Kind::Lanes, kPanels>(weight + g * kPanel * kGroupBytes, panel_size, w);
    add_products<Kind, kRows, kPanels>(x + g * kGroupBytes, width, w, sums);
  }
  write_panels<Kind, kRows, kPanels>(p, kind, row, panel, sums);
}

template <typename Kind, int kRows>
void dot_panels(const DotProduct& p, const Kind& kind, int64_t row, int64_t panel, int64_t panels) {
  switch (panels) {
    case 1:
      return dot_block<Kind, kRows, 1>(p, kind, row, panel);
    case 2:
      return dot_block<Kind, kRows, 2>(p, kind, row, panel);
    case 3:
      return dot_block<Kind, kRows, 3>(p, kind, row, panel);
    default:
      return dot_block<Kind, kRows, 4>(p, kind, row, panel);
  }
}

// The rows from `row` on, fewer than kRows.
template <typename Kind, int kRows>
void dot_rest(const DotProduct& p, const Kind& kind, int64_t row, int64_t panel, int64_t panels) {
  if constexpr (kRows > 1) {
    if (p.rows - row == kRows - 1) {
      dot_panels<Kind, kRows - 1>(p, kind, row, panel, panels);
    } else {
      dot_rest<Kind, kRows - 1>(p, kind, row, panel, panels);
    }
  }
}

template <typename Kind>
void multiply_panels(const DotProduct& p, const Kind& kind, int64_t first, int64_t last) {
  constexpr int64_t kRows = 6, kPanels = 4;  // 24 sums, 4 weights, one input: of 32 registers
  for (int64_t panel = first; panel < last; panel += kPanels) {
    int64_t panels = std::min(kPanels, last - panel), row = 0;
    for (; row + kRows <= p.rows; row += kRows) {
      dot_panels<Kind, kRows>(p, kind, row, panel, panels);
    }
    dot_rest<Kind, kRows>(p, kind, row, panel, panels);
  }
}

#endif

}  // namespace heed::kernels
