// Where a piece stands: absolute positions beside the embeddings, relative ones inside
// self-attention.
#pragma once

#include <memory>
#include <mutex>

#include "model/layers.h"

namespace heed {

// The table of model.positions = sinusoidal, in the form of model.sinusoids: [length, H] float32.
Tensor sinusoids(const ModelConfig& config, int64_t length);

// Rows of the table of model.positions = learned, for training sentences of so many pieces at most.
int64_t learned_positions(int64_t max_length);

// Embeddings, scaled (Vaswani et al., 2017, section 3.4) where model.scale_embeddings says so, plus
// absolute positions where model.positions is sinusoidal or learned; normalised where
// model.embedding_norm says so; with dropout.
class PositionedEmbedding : public torch::nn::Module {
 public:
  PositionedEmbedding(const ModelConfig& config, std::shared_ptr<Embedding> table,
                      int64_t max_length);
  // ids [B, T], the first at position `first` -> [B, T, H]
  Tensor operator()(const Tensor& ids, int64_t first = 0) const;
  // The same at position 0 for `rows` vectors of zeros in place of pieces: [rows, 1, H].
  Tensor nothing(int64_t rows) const;

 private:
  // [length, H] for positions first .. first + length - 1
  Tensor positions(int64_t first, int64_t length) const;
  ModelConfig config_;
  std::shared_ptr<Embedding> table_;
  std::shared_ptr<LayerNorm> norm_;  // null: none
  double scale_, dropout_;
  bool absolute_;
  Tensor learned_;              // [max positions, H], or undefined
  mutable Tensor sinusoidal_;   // grows with the longest sentence seen
  mutable std::mutex growing_;  // of several threads that translate at the same time
};

// Rotary positions (Su et al., 2021, arXiv 2104.09864, section 3.2.2): each pair of a head's
// numbers (i, i + D / 2) is turned by an angle that grows with the position, so that the product
// of a query and a key depends on their distance alone. x [N, T, D], the first at position
// `first`.
Tensor rotate_positions(const Tensor& x, int64_t first);

// Relative positions (Shaw et al., 2018, arXiv 1803.02155, section 3.2): a learned vector for each
// distance j - i, cut at +-`reach`, is added to keys and to values; all heads share them.
class RelativePositions : public torch::nn::Module {
 public:
  RelativePositions(int64_t reach, int64_t width);
  // For T queries, the last of them beside the last of S keys -> buckets [T, S] int64.
  Tensor buckets(int64_t queries, int64_t keys) const;
  // queries [N, T, D] -> what the keys' vectors add to the scores [N, T, S] (equation 5)
  Tensor scores(const Tensor& queries, const Tensor& buckets) const;
  // weights [N, T, S] -> what the values' vectors add to the context [N, T, D] (equation 3)
  Tensor context(const Tensor& weights, const Tensor& buckets) const;

 private:
  int64_t reach_;
  Tensor keys_, values_;  // [2 * reach + 1, D]
};

}  // namespace heed
