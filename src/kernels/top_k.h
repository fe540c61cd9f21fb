// What a search step wants of the logits, in one pass over each row: how they are normalised and
// which are best. No normalised row is ever stored.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "kernels/packed_linear.h"

namespace heed::kernels {

struct RowBest {
  at::Tensor log_sum_exp;  // [R] float32, of the whole row; NaN where a row has no finite sum
  at::Tensor logits;       // [R, k] float32, best first, of equal ones the lower index first
  at::Tensor ids;          // [R, k] int32; -1 where a row has no further entry above -inf
  at::Tensor asked;        // [R] float32: the logit of the id asked for
};

// logits [R, V], float32 or bfloat16. The ids `passed_over` count in the sum but are never among
// the best; `asked` is one whose logit is wanted whatever its rank. Results are on the CPU; logits
// on another device go through the reference.
RowBest best_of_rows(const at::Tensor& logits, int64_t k, const std::vector<int64_t>& passed_over,
                     int64_t asked = 0);

// The same of the logits that `projection` makes of x [R, in] (float32, on the CPU), a few rows at
// a time: they stay in the cache, and no one holds them all.
RowBest best_of_products(const PackedLinear& projection, const at::Tensor& x, int64_t k,
                         const std::vector<int64_t>& passed_over, int64_t asked = 0);

// log P of `targets` [R] int64 by the soft-max of the logits that `projection` makes of x [R, in]
// (float32, on the CPU): [R] float32. To the last digit what best_of_products says of them.
at::Tensor log_probabilities_of_products(const PackedLinear& projection, const at::Tensor& x,
                                         const at::Tensor& targets);

// best_of_rows in plain LibTorch; of equal logits it may take any.
RowBest best_of_rows_reference(const at::Tensor& logits, int64_t k,
                               const std::vector<int64_t>& passed_over, int64_t asked = 0);

}  // namespace heed::kernels
