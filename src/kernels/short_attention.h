// Scaled dot-product attention over short sequences (Vaswani et al., 2017, equation 1): each
// sentence's heads are worked on in the cache, read from the projections' rows and written to the
// context's without any transposed copy.
#pragma once

#include <ATen/core/Tensor.h>

namespace heed::kernels {

struct AttentionOptions {
  int64_t heads;       // A
  double scale;        // of query . key, before the bias
  double dropout = 0;  // of the weights
};

// What is attended with and to, as the projections leave it, float32 or bfloat16.
struct AttentionRows {
  at::Tensor query;  // [B, T, H]; undefined for self-attention
  at::Tensor
      key_value;  // [B, S, 2 H] keys, then values; self-attention: [B, T, 3 H], queries first
};

// -> context [B, T, H]. bias [B or 1, 1, 1 or T, S], 0 or -inf, is added to the scores; undefined
// where all is seen; each query must see a key. Longer sequences, other devices and other types:
// the reference.
at::Tensor attention(const AttentionRows& rows, const at::Tensor& bias,
                     const AttentionOptions& options);

// The same in plain LibTorch, by products over all sentences and heads, with the mask of the same
// call.
at::Tensor attention_reference(const AttentionRows& rows, const at::Tensor& bias,
                               const AttentionOptions& options);

}  // namespace heed::kernels
