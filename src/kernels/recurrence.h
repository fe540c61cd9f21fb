// Steps of GRU and LSTM cells: all that is element-wise in one pass, forward and backward, keeping
// only what the backward pass needs; and whole sequences as one autograd function. The plain
// LibTorch reference is Cell's own, in model/cell.cpp, which other devices and number types take.
#pragma once

#include <ATen/core/Tensor.h>

namespace heed::kernels {

enum class CellKind { kGru, kLstm };

// Gates in PyTorch's order: reset, update, new (3 H wide); input, forget, cell, output (4 H).
struct CellWeights {
  at::Tensor recurrent;       // [gates * H, H]
  at::Tensor recurrent_bias;  // [gates * H]
  at::Tensor feed;            // [gates * H, feed], may be undefined
};

struct CellTensors {
  at::Tensor hidden;  // [B, H]
  at::Tensor memory;  // [B, H]: LSTM alone
};

// One step. projected [B, gates * H]: the inputs' part of the gates; feed [B, feed] where the
// weights have a part for it. The weights' gradients are shared (shared_gradient.h).
CellTensors cell_step(CellKind kind, const at::Tensor& projected, const at::Tensor& feed,
                      const CellTensors& state, const CellWeights& weights);

enum class Direction { kForward, kBackward };

// All steps from a zero state: projected [T, B, gates * H] -> hidden states [T, B, H]. lengths [B]
// int64 on the CPU: a row's state passes through positions at or after its length as it is, so that
// backward runs begin with the last real one.
at::Tensor cell_sequence(CellKind kind, const at::Tensor& projected, const at::Tensor& lengths,
                         Direction direction, const CellWeights& weights);

}  // namespace heed::kernels
