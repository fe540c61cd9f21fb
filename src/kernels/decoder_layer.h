// One step of a Transformer decoder's layer as one call, in float32 on the CPU: what layer_step
// (inference/transformer.h) does by tensors, without making one. With few rows, making tensors
// costs several times what computing their numbers does. R = B * K rows.
#pragma once

#include "kernels/activation.h"
#include "kernels/add_norm.h"
#include "kernels/attention_step.h"
#include "kernels/linear_attention.h"
#include "kernels/packed_linear.h"

namespace heed::kernels {

struct DecoderLayer {
  const PackedLinear *query_key_value, *self_output;  // self-attention
  const PackedLinear *query, *cross_output;           // attention to the source
  const PackedLinear *inner, *outer;                  // the feed-forward sublayer
  Norm self_norm, cross_norm, feed_forward_norm;
  StepShape self_shape, cross_shape;
  Activation activation;
  bool pre_norm;
};

// What the layer looks at.
struct DecoderLayerMemory {
  RunningSums sums;        // linear self-attention's; `after` is null where it is a soft-max's
  float* stored;           // [N + R, 2 H]: the hypotheses' own pieces; these rows' are written
  int64_t written;         // N
  const int32_t* origins;  // [R, t] into `stored`
  int64_t length;          // t
  SourcePieces source;     // but for the queries
  float* weights;          // [B, A, K, S], written; may be null
};

// x [R, H], in place.
void decoder_layer_step(const DecoderLayer& layer, const DecoderLayerMemory& memory, float* x);

}  // namespace heed::kernels
