// y = x W^T + b in training, by the faster of LibTorch's two libraries for it.
#pragma once

#include <ATen/core/Tensor.h>

namespace heed::kernels {

// Whether float32 rows are multiplied by oneDNN: MKL, which LibTorch takes, leaves AVX-512 unused
// on processors of other makers than its own. Measured on an AMD EPYC, one thread, 4,096 rows of
// 256 to 1,024 numbers: 102 GFLOP/s by oneDNN, 82 by MKL. In bfloat16 LibTorch takes oneDNN anyway.
bool prefers_onednn(const at::Tensor& x);

// x [..., in], weight [out, in] (a transposed view is as good), bias [out] or undefined ->
// [..., out]. No gradients are recorded.
at::Tensor row_product(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias = {});

}  // namespace heed::kernels
