#include "model/noise.h"

#include "kernels/dropout.h"
#include "kernels/embedding.h"

namespace heed {
namespace {

Tensor below_itself(const Tensor& x) { return x.defined() ? torch::cat({x, x}) : x; }

// ids [B, T] without pieces of the rows from `first_row` on.
Tensor without_pieces(const Tensor& ids, double share, int64_t first_row) {
  auto sizes = ids.sizes().vec();
  sizes[0] -= first_row;
  Tensor cut = torch::rand(sizes, kernels::next_generator(), torch::kFloat32) < share;
  Tensor rows = ids.slice(0, first_row).masked_fill(cut.to(ids.device()), kernels::kNothing);
  return torch::cat({ids.slice(0, 0, first_row), rows});
}

}  // namespace

BatchTensors twice(const BatchTensors& batch) {
  BatchTensors two = batch;
  two.source = {below_itself(batch.source.ids), below_itself(batch.source.lengths),
                below_itself(batch.source.padding)};
  two.target_input = below_itself(batch.target_input);
  two.alignment = below_itself(batch.alignment);
  if (batch.target_positions.defined()) {
    two.target_positions =
        torch::cat({batch.target_positions, batch.target_positions + batch.target_input.numel()});
  }
  return two;
}

void cut_pieces(BatchTensors& batch, double share, int64_t first_row) {
  if (share == 0) return;
  batch.source.ids = without_pieces(batch.source.ids, share, first_row);
  batch.target_input = without_pieces(batch.target_input, share, first_row);
}

}  // namespace heed
