#include "kernels/products.h"

#include "kernels/simd.h"

namespace heed::kernels {
namespace {

// So many numbers as one register holds, at any address.
template <int kWidth>
struct VectorOf {
  typedef float Type __attribute__((vector_size(kWidth * sizeof(float)), aligned(4)));
};

// Rows x kColumns registers of the result stay in registers over all of the inner dimension.
template <int kWidth, int kRows, int kColumns>
HEED_INLINE void multiply_block(const float* left, int64_t left_row, int64_t left_column,
                                const float* right, int64_t right_stride, float* out,
                                int64_t out_stride, int64_t inner, const float* bias) {
  using Vector = typename VectorOf<kWidth>::Type;
  constexpr int64_t kAhead = 16;  // rows that a large model's weights are asked from memory before
  Vector sums[kRows][kColumns] = {};
  for (int64_t k = 0; k < inner; ++k) {
    Vector columns[kColumns];
    HEED_UNROLLED
    for (int j = 0; kWidth == 16 && j < kColumns; ++j) {
      __builtin_prefetch(right + (k + kAhead) * right_stride + j * kWidth);
    }
    HEED_UNROLLED
    for (int j = 0; j < kColumns; ++j) {
      columns[j] = *reinterpret_cast<const Vector*>(right + k * right_stride + j * kWidth);
    }
    HEED_UNROLLED
    for (int i = 0; i < kRows; ++i) {
      float factor = left[i * left_row + k * left_column];
      HEED_UNROLLED
      for (int j = 0; j < kColumns; ++j) sums[i][j] += factor * columns[j];
    }
  }
  Vector added[kColumns] = {};
  HEED_UNROLLED
  for (int j = 0; bias != nullptr && j < kColumns; ++j) {
    added[j] = *reinterpret_cast<const Vector*>(bias + j * kWidth);
  }
  HEED_UNROLLED
  for (int i = 0; i < kRows; ++i) {
    HEED_UNROLLED
    for (int j = 0; j < kColumns; ++j) {
      *reinterpret_cast<Vector*>(out + i * out_stride + j * kWidth) = sums[i][j] + added[j];
    }
  }
}

// The rows from `row` on, fewer than kRows: as one block, for a single row would wait for itself.
template <int kWidth, int kRows, int kColumns>
HEED_INLINE void multiply_rest(const LeftTile& left, const ConstTile& right, const Tile& out,
                               const ProductSizes& sizes, const float* bias, int64_t column,
                               int64_t row) {
  if constexpr (kRows > 1) {
    if (sizes.rows - row < kRows - 1) {
      multiply_rest<kWidth, kRows - 1, kColumns>(left, right, out, sizes, bias, column, row);
      return;
    }
    multiply_block<kWidth, kRows - 1, kColumns>(
        left.data + row * left.row_stride, left.row_stride, left.column_stride, right.data + column,
        right.stride, out.data + row * out.stride + column, out.stride, sizes.inner,
        bias ? bias + column : nullptr);
  }
}

template <int kWidth, int kRows, int kColumns>
HEED_INLINE void multiply_columns(const LeftTile& left, const ConstTile& right, const Tile& out,
                                  const ProductSizes& sizes, const float* bias, int64_t column) {
  int64_t row = 0;
  for (; row + kRows <= sizes.rows; row += kRows) {
    multiply_block<kWidth, kRows, kColumns>(left.data + row * left.row_stride, left.row_stride,
                                            left.column_stride, right.data + column, right.stride,
                                            out.data + row * out.stride + column, out.stride,
                                            sizes.inner, bias ? bias + column : nullptr);
  }
  multiply_rest<kWidth, kRows, kColumns>(left, right, out, sizes, bias, column, row);
}

template <int kWidth, int kRows, int kColumns>
HEED_INLINE void multiply_with(const LeftTile& left, const ConstTile& right, const Tile& out,
                               const ProductSizes& sizes, const float* bias) {
  constexpr int64_t kStep = kWidth * kColumns;
  int64_t column = 0;
  for (; column + kStep <= sizes.columns; column += kStep) {
    multiply_columns<kWidth, kRows, kColumns>(left, right, out, sizes, bias, column);
  }
  for (; column < sizes.columns; column += kWidth) {
    multiply_columns<kWidth, kRows, 1>(left, right, out, sizes, bias, column);
  }
}

// 4 x 4 numbers, `from` and `to` numbers from row to row.
HEED_INLINE void transpose_block(const float* x, int64_t from, float* out, int64_t to) {
#if __has_builtin(__builtin_shufflevector)
  using Four = VectorOf<4>::Type;
  Four rows[4];
  HEED_UNROLLED
  for (int i = 0; i < 4; ++i) rows[i] = *reinterpret_cast<const Four*>(x + i * from);
  Four low01 = __builtin_shufflevector(rows[0], rows[1], 0, 4, 1, 5);
  Four high01 = __builtin_shufflevector(rows[0], rows[1], 2, 6, 3, 7);
  Four low23 = __builtin_shufflevector(rows[2], rows[3], 0, 4, 1, 5);
  Four high23 = __builtin_shufflevector(rows[2], rows[3], 2, 6, 3, 7);
  Four columns[4] = {__builtin_shufflevector(low01, low23, 0, 1, 4, 5),
                     __builtin_shufflevector(low01, low23, 2, 3, 6, 7),
                     __builtin_shufflevector(high01, high23, 0, 1, 4, 5),
                     __builtin_shufflevector(high01, high23, 2, 3, 6, 7)};
  HEED_UNROLLED
  for (int i = 0; i < 4; ++i) *reinterpret_cast<Four*>(out + i * to) = columns[i];
#else
  for (int i = 0; i < 4; ++i) {
    for (int j = 0; j < 4; ++j) out[j * to + i] = x[i * from + j];
  }
#endif
}

}  // namespace

void transpose(const ConstTile& x, const Tile& out, int64_t rows, int64_t columns) {
  auto plain = [&](int64_t row, int64_t from, int64_t to) {
    for (int64_t j = from; j < to; ++j) out.data[j * out.stride + row] = x.data[row * x.stride + j];
  };
  int64_t row = 0, even = columns - columns % 4;
  for (; row + 4 <= rows; row += 4) {
    for (int64_t j = 0; j < even; j += 4) {
      transpose_block(x.data + row * x.stride + j, x.stride, out.data + j * out.stride + row,
                      out.stride);
    }
    for (int64_t i = row; i < row + 4; ++i) plain(i, even, columns);
  }
  for (; row < rows; ++row) plain(row, 0, columns);
}

void multiply(const LeftTile& left, const ConstTile& right, const Tile& out,
              const ProductSizes& sizes, const float* bias) {
  LeftTile rows = left;
  ConstTile columns = right;
  // Of an empty inner dimension there may be no memory. Nothing is read in its place.
  if (sizes.inner == 0) rows.data = columns.data = out.data;
  // As many sums as the registers of each level hold.
  vectorised<multiply_with<4, 4, 2>, multiply_with<8, 5, 2>, multiply_with<16, 8, 2>>(
      rows, columns, out, sizes, bias);
}

}  // namespace heed::kernels
