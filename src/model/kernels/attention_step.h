// Attention of a decoder's step, scaled dot products with a soft-max: one query a hypothesis,
// against its own pieces so far or against its sentence's source. R = B * K rows.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace heed::kernels {

struct StepShape {
  int64_t heads;  // A
  double scale;   // of the products
};

// Whether the kernels below take tensors like this one: float32 on the CPU.
bool takes_steps(const at::Tensor& x);

// A hypothesis's own pieces. queries [R, H]; stored [N, 2 H]: keys, then values, of all pieces
// that any hypothesis has taken; origins [R, t] int32: which of these rows are each hypothesis's.
// Moving hypotheses is moving rows of `origins`. -> context [R, H]
at::Tensor self_attention_step(const at::Tensor& queries, const at::Tensor& stored,
                               const at::Tensor& origins, const StepShape& shape);

struct SourceContext {
  at::Tensor context;  // [R, A * Dv]
  at::Tensor weights;  // [B, A, K, S]
};
// The source's. queries [R, A * Dk], keys [B, A, S, Dk], values [B, A, S, Dv], padding
// [B, 1, 1, S] (0 or -inf) or undefined.
SourceContext source_attention_step(const at::Tensor& queries, const at::Tensor& keys,
                                    const at::Tensor& values, const at::Tensor& padding,
                                    const StepShape& shape);

// The same in plain LibTorch.
at::Tensor self_attention_step_reference(const at::Tensor& queries, const at::Tensor& stored,
                                         const at::Tensor& origins, const StepShape& shape);
SourceContext source_attention_step_reference(const at::Tensor& queries, const at::Tensor& keys,
                                              const at::Tensor& values, const at::Tensor& padding,
                                              const StepShape& shape);

}  // namespace heed::kernels
