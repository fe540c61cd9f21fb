// GRU and LSTM cells, with PyTorch's gate order and formulas.
#pragma once

#include <memory>
#include <string>

#include "kernels/recurrence.h"
#include "kernels/recurrent_step.h"
#include "model/layers.h"

namespace heed {

// What a cell hands to its next step.
struct CellState {
  Tensor hidden;  // [B, H]
  Tensor memory;  // [B, H]: LSTM alone
};

using kernels::Direction;

struct CellSizes {
  int64_t input;   // of what is known for all steps before the first
  int64_t feed;    // of what only the step before knows (context, fed input); 0: nothing
  int64_t hidden;  // H
};

// One recurrent step. The part of the gates that comes from the inputs is computed for all steps at
// once by project(); only the rest is left to the loop.
class Cell : public torch::nn::Module {
 public:
  Cell(const CellSizes& sizes, int64_t gates);
  // inputs [..., input] -> [..., gates * H]
  Tensor project(const Tensor& inputs) const { return (*input_)(inputs); }
  // projected [B, gates * H], feed [B, feed] (undefined where sizes.feed is 0)
  CellState step(const Tensor& projected, const Tensor& feed, const CellState& state) const;
  // States of all steps from a zero state: inputs [B, T, input], lengths [B] on the CPU ->
  // [B, T, H]. Padding changes no state: a sentence's last state stands in its padding, and
  // backward runs begin at its last input.
  Tensor run(const Tensor& inputs, const Tensor& lengths, Direction direction) const;
  virtual kernels::CellKind kind() const = 0;
  bool has_memory() const { return kind() == kernels::CellKind::kLstm; }
  // Its layers as they are packed, for a step on plain memory: null where they are not.
  kernels::StepCell packed() const;

 protected:
  // The step in plain LibTorch: from_input and from_hidden [B, gates * H].
  virtual CellState combine(const Tensor& from_input, const Tensor& from_hidden,
                            const CellState& state) const = 0;
  int64_t hidden_size_;

 private:
  kernels::CellWeights weights() const;
  // What comes into the gates from the input and, where the cell has one, from the feed.
  Tensor with_feed(const Tensor& projected, const Tensor& feed) const;
  std::shared_ptr<Linear> input_, feed_, recurrent_;
};

// Gated recurrent unit (Cho et al., 2014): r, z, n = tanh(W x + r * (U h + b)).
class GruCell : public Cell {
 public:
  explicit GruCell(const CellSizes& sizes) : Cell(sizes, 3) {}
  kernels::CellKind kind() const override { return kernels::CellKind::kGru; }

 protected:
  CellState combine(const Tensor& from_input, const Tensor& from_hidden,
                    const CellState& state) const override;
};

// Long short-term memory (Hochreiter and Schmidhuber, 1997; forget gate of Gers et al., 2000).
class LstmCell : public Cell {
 public:
  explicit LstmCell(const CellSizes& sizes) : Cell(sizes, 4) {}
  kernels::CellKind kind() const override { return kernels::CellKind::kLstm; }

 protected:
  CellState combine(const Tensor& from_input, const Tensor& from_hidden,
                    const CellState& state) const override;
};

// The one of model.cell.
std::shared_ptr<Cell> make_cell(RecurrentCell kind, const CellSizes& sizes);

}  // namespace heed
