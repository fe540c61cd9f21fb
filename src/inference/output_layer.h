// From a decoder's states to what comes next: the output projection and what is read from it.
#pragma once

#include <memory>

#include "decoding/inference.h"
#include "inference/piece_columns.h"
#include "kernels/packed_linear.h"
#include "model/seq2seq.h"

namespace heed {

// Copies share their weights.
class OutputLayer {
 public:
  // logits = states * weight^T + bias, weight [V, H], bias [V], where they are.
  OutputLayer(Tensor weight, Tensor bias);
  // The same with both laid out for the CPU's kernels.
  OutputLayer(const Tensor& weight, const Tensor& bias, kernels::Packing packing);
  // The same for some pieces alone, ascending; all where there are none.
  OutputLayer select(const std::vector<int32_t>& pieces) const;

  // Of states [R, H], as Decoding says; log_probabilities are [R, V] float32 on the states' device.
  BestPieces best(const Tensor& states, const BestQuery& query) const;
  Tensor log_probabilities(const Tensor& states) const;
  // log P of `targets` [N] int64 given states [N, H]: [N] float32 on the CPU.
  Tensor log_probabilities_of(const Tensor& states, const Tensor& targets) const;

 private:
  Tensor logits(const Tensor& states) const;
  Tensor weight_, bias_;  // undefined where packed
  std::shared_ptr<const kernels::PackedLinear> packed_;
  PieceColumns columns_;
};

// The best of rows of numbers [R, V] whose exponentials need not sum to 1.
BestPieces best_of(const Tensor& logits, const PieceColumns& columns, const BestQuery& query);

// Tensors of any number type on any device as plain memory.
std::vector<float> to_floats(const Tensor& x);
FloatMatrix to_matrix(const Tensor& x);  // [rows, columns]

}  // namespace heed
