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

// Keys [B, A, S, Dk] as steps read them: [B, A, Dk, S'], S' being S in whole vectors, zero beyond
// S.
at::Tensor keys_for_steps(const at::Tensor& keys);

struct SourceContext {
  at::Tensor context;  // [R, A * Dv]
  at::Tensor weights;  // [B, A, K, S]
};
struct SourceMemory {
  at::Tensor keys;       // [N, A, Dk, S'], as keys_for_steps gives them
  at::Tensor values;     // [N, A, S, Dv]
  at::Tensor padding;    // [N, 1, 1, S] (0 or -inf) or undefined
  at::Tensor sentences;  // [B] int32: which of the N are the queries'
};
// The source's. queries [R, A * Dk].
SourceContext source_attention_step(const at::Tensor& queries, const SourceMemory& memory,
                                    const StepShape& shape);

// Both on plain memory, of the rows of one thread; all tensors contiguous but for the queries.
struct OwnPieces {
  const float* queries;  // [R, H], rows query_stride apart
  int64_t query_stride;
  const float* stored;     // [N, 2 H]
  const int32_t* origins;  // [R, t]
  int64_t rows, hidden, length;
};
void attend_to_own(const OwnPieces& own, const StepShape& shape, float* context);

struct SourcePieces {
  const float* queries;      // [R, A * Dk]
  const float* keys;         // [N, A, Dk, S']
  const float* values;       // [N, A, S, Dv]
  const float* padding;      // [N, S] or null
  const int32_t* sentences;  // [B] of the N
  int64_t batch, beam, length, key_width, value_width;
};
// weights [B, A, K, S] may be null.
void attend_to_source(const SourcePieces& source, const StepShape& shape, float* context,
                      float* weights);

}  // namespace heed::kernels
