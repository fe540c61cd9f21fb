// The source that a step's kernels look at, on plain memory.
#pragma once

#include "model/attention.h"

namespace heed {

// Of all hypotheses of the memory's sentences, `beam` each, but for the queries. The keys are laid
// out for products where the memory has such; else they are the score's own, [B, A, S, D], of the
// sentences that are still there. Valid as long as the memory is, and until it keeps others.
inline kernels::SourcePieces source_pieces(const AttentionMemory& memory, int64_t beam) {
  bool by_product = memory.keys.defined();
  const Tensor& keys = by_product ? memory.keys : memory.prepared;
  const Tensor &values = memory.values, &padding = memory.padding;
  return {.queries = nullptr,
          .keys = keys.const_data_ptr<float>(),
          .values = values.const_data_ptr<float>(),
          .padding = padding.defined() ? padding.const_data_ptr<float>() : nullptr,
          .sentences = by_product ? memory.sentences.const_data_ptr<int32_t>() : nullptr,
          .batch = memory.batch(),
          .beam = beam,
          .length = values.size(2),
          .key_width = keys.size(by_product ? 2 : 3),
          .value_width = values.size(3)};
}

}  // namespace heed
