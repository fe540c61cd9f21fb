// A decoder's step of linear attention: phi(q)^T phi(k) in place of exp(q^T k), so that the pieces
// so far are one sum a head, whatever their number (Katharopoulos et al., 2020, arXiv 2006.16236,
// equations 16 to 20). R hypotheses, A heads of width D, H = A * D.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace heed::kernels {

// phi(x) = elu(x) + 1, without the cancellation that leaves zeros in bfloat16.
at::Tensor linear_feature(const at::Tensor& x);
// values [..., D] and ones, whose sum is the normaliser: [..., D + 1].
at::Tensor with_ones(const at::Tensor& values);

struct LinearStep {
  at::Tensor context;  // [R, H]
  at::Tensor sums;     // [R, A, D, D + 1] float32
};
// query_key_value [R, 3 H]; sums [N, A, D, D + 1] float32: phi(k) times the value, and phi(k)
// itself, of the pieces before; parents [R] int32: which of the N each hypothesis goes on from, or
// undefined: its own.
LinearStep linear_attention_step(const at::Tensor& query_key_value, const at::Tensor& sums,
                                 const at::Tensor& parents);
LinearStep linear_attention_step_reference(const at::Tensor& query_key_value,
                                           const at::Tensor& sums, const at::Tensor& parents);

// On plain memory, by one thread, all of it contiguous.
struct RunningSums {
  const float* before;     // [N, A, D, D + 1]
  const int32_t* parents;  // [R] or null
  float* after;            // [R, A, D, D + 1], written
};
struct LinearShape {
  int64_t rows, heads, width;  // R, A, D
};
void attend_to_sums(const float* query_key_value, const RunningSums& sums, const LinearShape& shape,
                    float* context);

}  // namespace heed::kernels
