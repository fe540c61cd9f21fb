// Matrix products small enough to stay in the first cache, in float32.
#pragma once

#include <cstdint>

namespace heed::kernels {

// A product's columns are a multiple of this many numbers.
constexpr int64_t kLanes = 16;
constexpr int64_t in_lanes(int64_t size) { return (size + kLanes - 1) / kLanes * kLanes; }

// A matrix in the cache. Left factors are read number by number, so any two strides will do.
struct LeftTile {
  const float* data;
  int64_t row_stride, column_stride;
};
struct Tile {
  float* data;
  int64_t stride;  // of rows
};
struct ConstTile {
  ConstTile(const float* data, int64_t stride) : data(data), stride(stride) {}
  ConstTile(const Tile& tile) : data(tile.data), stride(tile.stride) {}
  const float* data;
  int64_t stride;
};

// rows M, inner K, columns N; N a multiple of kLanes.
struct ProductSizes {
  int64_t rows, inner, columns;
};

// out [M, N] = left [M, K] right [K, N], each number's sum in the order of K; then, where it is not
// null, plus bias [N].
void multiply(const LeftTile& left, const ConstTile& right, const Tile& out,
              const ProductSizes& sizes, const float* bias = nullptr);

// out [columns, rows] = x [rows, columns]
void transpose(const ConstTile& x, const Tile& out, int64_t rows, int64_t columns);

}  // namespace heed::kernels
