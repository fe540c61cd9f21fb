// Embeddings in one pass: looked up, scaled, moved by position, dropped.
#pragma once

#include <ATen/core/Tensor.h>

namespace heed::kernels {

// In place of an id: its embedding is zeros, and has no gradient.
constexpr int64_t kNothing = -1;

struct EmbeddingOptions {
  double scale = 1;    // of the table's rows
  double dropout = 0;  // of the sum
};

// dropout(scale * table[ids] + positions): table [V, H] float32 or bfloat16, ids [B, T] int64 below
// V or kNothing, positions [T, H] or undefined -> [B, T, H]. Gradients of equal ids are added in
// float32. Elsewhere than on the CPU, in other types and for positions that are learned: the
// reference. Throws Error naming an id outside of the table.
at::Tensor embed(const at::Tensor& table, const at::Tensor& ids, const at::Tensor& positions,
                 const EmbeddingOptions& options);

// The same in plain LibTorch, with the mask of the same call.
at::Tensor embed_reference(const at::Tensor& table, const at::Tensor& ids,
                           const at::Tensor& positions, const EmbeddingOptions& options);

}  // namespace heed::kernels
