// Global soft attention in one pass over the source: scores, soft-max and context of a query
// without a [T, S, D] tensor in between; the backward pass makes the tanh again.
#pragma once

#include <ATen/core/Tensor.h>

namespace heed::kernels {

// N is B * A: sentences and heads. float32 or bfloat16, all the same; sums are in float32.
struct AttentionInput {
  at::Tensor queries;  // [N, T, D]
  at::Tensor keys;     // [B, A, S, D]
  at::Tensor values;   // [B, A, S, Dv]
  at::Tensor padding;  // [B, 1, 1, S]: 0 or -inf, may be undefined; not all of a row is -inf
  at::Tensor energy;   // [1, D]; undefined: the score is q . k
};

struct AttentionOutput {
  at::Tensor context;  // [N, T, Dv]
  at::Tensor weights;  // [N, T, S]
};

// Weights are the soft-max of energy . tanh(query + key) (Bahdanau et al., 2015, appendix A.1.2) or
// of query . key (Luong et al., 2015, section 3.1). A sentence's result does not depend on how long
// its padding is. Gradients of keys, values and energy are shared (shared_gradient.h).
AttentionOutput soft_attention(const AttentionInput& input);

}  // namespace heed::kernels
