// The products of dot_panels.h by AMX: one instruction multiplies 16 rows by 16 outputs over 64
// bytes of inputs. The packed weights lie as its tiles want them.
#pragma once

#include "kernels/dot_panels.h"

namespace heed::kernels {

constexpr int64_t kTileRows = 16;    // of a tile, at most
constexpr int64_t kTileGroups = 16;  // of inputs in a tile: 64 bytes a row

// Whether this CPU has tiles of 8-bit integers and of bfloat16.
inline bool has_tiles() { return cpu_level() >= CpuLevel::kAmx; }

// Rows of x, or groups of inputs, filled up to whole tiles: a tile is read whole.
inline int64_t in_whole_tiles(int64_t count) {
  static_assert(kTileRows == kTileGroups);
  return has_tiles() ? (count + kTileRows - 1) / kTileRows * kTileRows : count;
}

#if HEED_DOT_PANELS

// The tiles by number: sums of two blocks of 16 rows times two panels, rows, weights.
constexpr int kSumTiles = 0, kRowTiles = 4, kWeightTiles = 6;

// What LDTILECFG reads (Intel's manual of instructions, palette 1); all tiles are whole.
struct alignas(64) TileShapes {
  uint8_t palette = 1, start_row = 0, reserved[14] = {};
  uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};

// A tile's number is part of an instruction, so it is a constant of a template.
template <int kTile>
HEED_DOT_INLINE void clear_tile() {
  __asm__ volatile("tilezero %%tmm%c0" ::"i"(kTile));
}
template <int kTile>
HEED_DOT_INLINE void load_tile(const void* from, int64_t row_bytes) {
  __asm__ volatile("tileloadd (%1,%2,1), %%tmm%c0" ::"i"(kTile), "r"(from), "r"(row_bytes)
                   : "memory");
}
template <int kTile>
HEED_DOT_INLINE void store_tile(void* to, int64_t row_bytes) {
  __asm__ volatile("tilestored %%tmm%c0, (%1,%2,1)" ::"i"(kTile), "r"(to), "r"(row_bytes)
                   : "memory");
}

// The sums of one block of rows and one panel, whose tile is kTile.
template <typename Kind, int kTile>
HEED_DOT_INLINE void write_tile(const DotProduct& p, const Kind& kind, int64_t row, int64_t panel) {
  using Lanes = typename Kind::Lanes;
  Lanes sums[kTileRows];
  store_tile<kTile>(sums, sizeof(Lanes));
  int64_t rows = std::min(kTileRows, p.rows - row);
  for (int64_t r = 0; r < rows; ++r) write_row(p, kind, row + r, panel * kPanel, sums[r]);
}

// Outputs of kBlocks times 16 rows and kPanels panels.
template <typename Kind, int kBlocks, int kPanels>
HEED_DOT_TARGET void tile_block(const DotProduct& p, const Kind& kind, int64_t row, int64_t panel) {
  constexpr bool kTwoBlocks = kBlocks > 1, kTwoPanels = kPanels > 1;
  int64_t width = p.groups * kGroupBytes, panel_size = width * kPanel;
  const uint8_t* x = p.x + row * width;
  const uint8_t* weight = p.weight + panel * panel_size;
  clear_tile<kSumTiles>();
  if constexpr (kTwoPanels) clear_tile<kSumTiles + 1>();
  if constexpr (kTwoBlocks) clear_tile<kSumTiles + 2>();
  if constexpr (kTwoBlocks && kTwoPanels) clear_tile<kSumTiles + 3>();
  for (int64_t g = 0; g < p.groups; g += kTileGroups) {
    const uint8_t* rows = x + g * kGroupBytes;
    const uint8_t* weights = weight + g * kPanel * kGroupBytes;
    load_tile<kRowTiles>(rows, width);
    load_tile<kWeightTiles>(weights, kPanel * kGroupBytes);
    Kind::template add_tiles<kSumTiles, kRowTiles, kWeightTiles>();
    if constexpr (kTwoPanels) {
      load_tile<kWeightTiles + 1>(weights + panel_size, kPanel * kGroupBytes);
      Kind::template add_tiles<kSumTiles + 1, kRowTiles, kWeightTiles + 1>();
    }
    if constexpr (kTwoBlocks) {
      load_tile<kRowTiles + 1>(rows + kTileRows * width, width);
      Kind::template add_tiles<kSumTiles + 2, kRowTiles + 1, kWeightTiles>();
    }
    if constexpr (kTwoBlocks && kTwoPanels) {
      Kind::template add_tiles<kSumTiles + 3, kRowTiles + 1, kWeightTiles + 1>();
    }
  }
  write_tile<Kind, kSumTiles>(p, kind, row, panel);
  if constexpr (kTwoPanels) write_tile<Kind, kSumTiles + 1>(p, kind, row, panel + 1);
  if constexpr (kTwoBlocks) write_tile<Kind, kSumTiles + 2>(p, kind, row + kTileRows, panel);
  if constexpr (kTwoBlocks && kTwoPanels) {
    write_tile<Kind, kSumTiles + 3>(p, kind, row + kTileRows, panel + 1);
  }
}

// x and the weights are filled up by in_whole_tiles. A row's sums are taken in
// the order of its inputs, however many rows there are.
template <typename Kind>
HEED_DOT_TARGET void multiply_tiles(const DotProduct& p, const Kind& kind, int64_t first,
                                    int64_t last) {
  TileShapes shapes;
  __asm__ volatile("ldtilecfg %0" ::"m"(shapes));
  for (int64_t panel = first; panel < last; panel += 2) {
    bool two = last - panel > 1;
    for (int64_t row = 0; row < p.rows; row += 2 * kTileRows) {
      bool both = p.rows - row > kTileRows;
      if (both && two) {
        tile_block<Kind, 2, 2>(p, kind, row, panel);
      } else if (both) {
        tile_block<Kind, 2, 1>(p, kind, row, panel);
      } else if (two) {
        tile_block<Kind, 1, 2>(p, kind, row, panel);
      } else {
        tile_block<Kind, 1, 1>(p, kind, row, panel);
      }
    }
  }
  __asm__ volatile("tilerelease");
}

#endif

}  // namespace heed::kernels
