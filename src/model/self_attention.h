// Self-attention of the Transformer: the kinds of model.self_attention.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "kernels/attention_step.h"
#include "model/attention_weights.h"
#include "model/positions.h"

namespace heed {

// An encoder's pieces see each other, a decoder's only those before them.
enum class Sight { kAll, kBefore };

// What may not be seen; made once for all layers.
struct SelfMask {
  Tensor bias;  // [B or 1, 1, 1 or T, T]: 0 or -inf, added to scores; undefined where all is seen
  Tensor real;  // [B, 1, T, 1]: 1 on pieces, 0 on padding; undefined without padding
};

// What a decoder's layer keeps of the pieces so far; R = B * K rows. Keys and values are written
// once and never moved: reordering hypotheses moves the numbers of their rows.
struct SelfCache {
  Tensor stored;   // [N, 2 H]: keys and values of all pieces that any hypothesis has taken
  Tensor origins;  // [R, t] int32: which rows of `stored` are a hypothesis's own, in order
  Tensor sums;     // [N, A, D, D + 1]: linear attention's running state, in place of both
  Tensor parents;  // [R] int32: whose of the N each hypothesis goes on from; undefined: its own
};

class SelfAttention : public torch::nn::Module {
 public:
  explicit SelfAttention(const ModelConfig& config);
  // padding [B, 1, T] or undefined, for `length` = T pieces.
  virtual SelfMask mask(const Tensor& padding, int64_t length,
                        const torch::TensorOptions& options) const = 0;
  // x [B, T, H] -> [B, T, H]; `weights`, where given, becomes [B, A, T, T].
  virtual Tensor forward(const Tensor& x, const SelfMask& mask, Tensor* weights) const = 0;
  // Gives each hypothesis a row for its next piece: origins, which are the same in all layers.
  virtual void extend(SelfCache& cache) const = 0;
  // One step of a decoder: x [R, 1, H] at position `position`, which the cache, already extended,
  // then holds too.
  virtual Tensor step(const Tensor& x, int64_t position, SelfCache& cache) const = 0;
  virtual SelfCache empty_cache(int64_t rows) const = 0;
  // Of a kind whose step one kernel does (a soft-max over products of queries and keys as they are,
  // or linear attention): its shape; nothing for other kinds.
  virtual std::optional<kernels::StepShape> plain_shape() const { return {}; }
  const Linear& query_key_value() const { return *query_key_value_; }
  const Linear& output_layer() const { return *output_; }
  // Room for the keys and values of so many rows more: the number of the first of them.
  static int64_t reserve(SelfCache& cache, int64_t rows);

 protected:
  // Query, key and value of all heads: x [B, T, H] -> [B, T, 3 H], or 3 x [B * A, T, D].
  Tensor project_rows(const Tensor& x) const { return (*query_key_value_)(x); }
  std::vector<Tensor> project(const Tensor& x) const;
  // [B, T, H], or [B * A, T, D] -> [B, T, H]
  Tensor output_rows(const Tensor& context) const { return (*output_)(context); }
  Tensor output(const Tensor& context) const;
  torch::TensorOptions options() const { return query_key_value_->options(); }
  int64_t heads_, width_;  // A, D
  std::shared_ptr<Linear> query_key_value_, output_;
};

// The one of model.self_attention.
std::shared_ptr<SelfAttention> make_self_attention(const ModelConfig& config, Sight sight);

}  // namespace heed
