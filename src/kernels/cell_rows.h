// The element-wise part of a GRU's or LSTM's step, row by row.
#pragma once

#include <ATen/core/Tensor.h>

#include "kernels/recurrence.h"

namespace heed::kernels {

// Matrices of one step, their rows B contiguous and any distance apart; float32 or bfloat16, all
// the same. The step takes `hidden` and `memory` to `new_hidden` and `new_memory`.
struct CellStep {
  at::Tensor from_input, from_hidden;  // [B, gates * H]: W x + b and U h + b; forward alone
  at::Tensor hidden, memory;           // [B, H]
  at::Tensor new_hidden, new_memory;   // [B, H]; the backward pass needs new_memory
  // [B, 4 H], what backward needs: r, z, n and the new gate's U h + b (GRU); i, f, g, o (LSTM).
  at::Tensor activations;
};

// Gradients of one step.
struct CellStepGradients {
  at::Tensor new_hidden, new_memory;  // [B, H], given
  // [B, gates * H], made: by from_input and from_hidden; an LSTM's are one and the same tensor.
  at::Tensor from_input, from_hidden;
  // [B, H], made: by hidden, without what comes through from_hidden, and by memory. They may be
  // new_hidden and new_memory themselves.
  at::Tensor hidden, memory;
};

// Rows whose length is not above `position` are passed on unchanged, and have no gradient but what
// passes through; lengths may be undefined.
struct RealRows {
  at::Tensor lengths;  // [B] int64
  int64_t position = 0;
};

// One row of each matrix of CellStep in float32, on plain memory. What is new may stand in the
// place of what was.
struct CellRow {
  const float *from_input, *from_hidden, *hidden, *memory;
  float *new_hidden, *new_memory, *activations;
};
void cell_row(CellKind kind, const CellRow& row, int64_t size);

void cell_rows(CellKind kind, const CellStep& step, const RealRows& real);
void cell_rows_backward(CellKind kind, const CellStep& step, const CellStepGradients& gradients,
                        const RealRows& real);

}  // namespace heed::kernels
