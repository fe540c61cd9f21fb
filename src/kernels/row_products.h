// Products of rows in training: y = x W^T + b and the gradient of W, by the faster of LibTorch's
// two libraries for them.
//
// oneDNN, which multiplies bfloat16, compiles code for every number of rows that it has not met,
// and each batch has its own. So rows are multiplied in numbers of a coarse grid: most of them as
// they lie, the rest filled up with rows of zeros. From some hundreds of batches on, nothing is
// compiled.
#pragma once

#include <ATen/core/Tensor.h>

namespace heed::kernels {

// Whether float32 rows are multiplied by oneDNN: MKL, which LibTorch takes, leaves AVX-512 unused
// on processors of other makers than its own. Measured on an AMD EPYC, one thread, 4,096 rows of
// 256 to 1,024 numbers: 102 GFLOP/s by oneDNN, 82 by MKL. In bfloat16 LibTorch takes oneDNN anyway.
bool prefers_onednn(const at::Tensor& x);

// Whether rows of such numbers are multiplied on the grid.
bool has_grid(const at::Tensor& x);

// `rows` as the grid has them: `main` rows, and a rest filled up to `padded` rows (0: none is
// left). At most an eighth of all is copied and a thirty-second filled up; of up to 256 rows all
// are copied.
struct RowGrid {
  int64_t main, padded;
};
RowGrid on_grid(int64_t rows);

// x [..., in], weight [out, in] (a transposed view is as good), bias [out] or undefined ->
// [..., out]. No gradients are recorded.
at::Tensor row_product(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias = {});

// change^T x [out, in], for x [N, in] and change [N, out]; where `sum` is defined, added to it in
// place. In bfloat16 it is rounded once, or twice off the grid. No gradients are recorded.
at::Tensor weight_product(const at::Tensor& change, const at::Tensor& x, at::Tensor sum = {});

// change [N, out] -> the sum of its rows [out], each number's in their order and in float32.
at::Tensor row_sum(const at::Tensor& change);

}  // namespace heed::kernels
