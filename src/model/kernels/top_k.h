// What a search step wants of the logits, in one pass over each row: how they are normalised and
// which are best. No normalised row is ever stored.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace heed::kernels {

struct RowBest {
  at::Tensor log_sum_exp;  // [R] float32, of the whole row; NaN where a row has no finite sum
  at::Tensor logits;       // [R, k] float32, best first, of equal ones the lower index first
  at::Tensor ids;          // [R, k] int32; -1 where a row has no further entry above -inf
};

// logits [R, V], float32 or bfloat16. The ids `passed_over` count in the sum but are never among
// the best. Results are on the CPU; logits on another device go through the reference.
RowBest best_of_rows(const at::Tensor& logits, int64_t k, const std::vector<int64_t>& passed_over);

// The same in plain LibTorch; of equal logits it may take any.
RowBest best_of_rows_reference(const at::Tensor& logits, int64_t k,
                               const std::vector<int64_t>& passed_over);

}  // namespace heed::kernels
