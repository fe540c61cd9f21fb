// Attention heads as further rows of the batch.
#pragma once

#include <ATen/core/Tensor.h>

namespace heed {

// [B, T, H] -> [B * A, T, H / A]
inline at::Tensor split_heads(const at::Tensor& x, int64_t heads) {
  if (heads == 1) return x;
  int64_t batch = x.size(0), length = x.size(1), width = x.size(2) / heads;
  return x.view({batch, length, heads, width}).transpose(1, 2).reshape({-1, length, width});
}

// [B * A, T, D] -> [B, T, A * D]
inline at::Tensor merge_heads(const at::Tensor& x, int64_t heads) {
  if (heads == 1) return x;
  int64_t batch = x.size(0) / heads, length = x.size(1), width = x.size(2);
  return x.view({batch, heads, length, width})
      .transpose(1, 2)
      .reshape({batch, length, heads * width});
}

}  // namespace heed
