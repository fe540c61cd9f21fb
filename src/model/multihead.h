// Multi-head scaled dot-product attention (Vaswani et al., 2017, section 3.2).
#pragma once

#include <memory>

#include "model/layers.h"

namespace heed {

// Keys and values, split into heads: [B * A, S, D] each.
struct HeadMemory {
  Tensor keys, values;
  Tensor bias;  // added to the scores, broadcast to [B, A, T, S]; may be undefined
};

struct MultiHeadResult {
  Tensor output;   // [B, T, H]
  Tensor weights;  // [B, T, S], averaged over heads, where asked for
};

// What self- and cross-attention share: heads, softmax, output projection.
class MultiHead : public torch::nn::Module {
 public:
  explicit MultiHead(const ModelConfig& config);

 protected:
  // [B, T, H] -> [B * A, T, D]
  Tensor split_heads(const Tensor& x) const;
  // queries [B * A, T, D] with the memory's keys -> output [B, T, H]
  MultiHeadResult attend(const Tensor& queries, const HeadMemory& memory, bool want_weights) const;
  int64_t hidden_, heads_;

 private:
  double scale_, dropout_;
  std::shared_ptr<Linear> output_;
};

class SelfAttention : public MultiHead {
 public:
  explicit SelfAttention(const ModelConfig& config);
  // x [B, T, H]; bias [B or 1, 1, T or 1, T] added to the scores, may be undefined.
  Tensor operator()(const Tensor& x, const Tensor& bias) const;
  // One step of a decoder: x [R, 1, H]; the caches [R, A, t, D] of keys and values grow by one.
  Tensor step(const Tensor& x, Tensor& key_cache, Tensor& value_cache) const;
  // Empty caches for `rows` rows, [R, A, 0, D].
  Tensor empty_cache(int64_t rows) const;

 private:
  std::shared_ptr<Linear> query_key_value_;
};

class CrossAttention : public MultiHead {
 public:
  explicit CrossAttention(const ModelConfig& config);
  // states [B, S, H], padding [B, 1, S] or undefined. Computed once a sentence.
  HeadMemory prepare(const Tensor& states, const Tensor& padding) const;
  // x [B, T, H]. A beam's hypotheses stand in the place of T: the memory is never copied for them.
  Tensor operator()(const Tensor& x, const HeadMemory& memory) const;
  MultiHeadResult with_weights(const Tensor& x, const HeadMemory& memory) const;

 private:
  std::shared_ptr<Linear> query_, key_value_;
};

}  // namespace heed
