// The Transformer (Vaswani et al., 2017), pre- or post-norm.
#pragma once

#include <memory>
#include <vector>

#include "model/multihead.h"

namespace heed {

// Scaled embeddings plus positions, with dropout.
class PositionedEmbedding : public torch::nn::Module {
 public:
  PositionedEmbedding(const ModelConfig& config, std::shared_ptr<Embedding> table,
                      int64_t max_length);
  // ids [B, T], the first at position `first` -> [B, T, H]
  Tensor operator()(const Tensor& ids, int64_t first = 0) const;

 private:
  // [length, H] for positions first .. first + length - 1
  Tensor positions(int64_t first, int64_t length) const;
  std::shared_ptr<Embedding> table_;
  double scale_, dropout_;
  Tensor learned_;             // [max positions, H], or undefined
  mutable Tensor sinusoidal_;  // grows with the longest sentence seen
};

class TransformerEncoderLayer : public torch::nn::Module {
 public:
  explicit TransformerEncoderLayer(const ModelConfig& config);
  // x [B, S, H], bias [B, 1, 1, S] or undefined -> [B, S, H]
  Tensor operator()(const Tensor& x, const Tensor& bias) const;

 private:
  bool pre_norm_;
  double dropout_;
  std::shared_ptr<SelfAttention> self_attention_;
  std::shared_ptr<FeedForward> feed_forward_;
  std::shared_ptr<LayerNorm> self_norm_, feed_forward_norm_;
};

class TransformerDecoderLayer : public torch::nn::Module {
 public:
  explicit TransformerDecoderLayer(const ModelConfig& config);
  HeadMemory prepare(const Tensor& states, const Tensor& padding) const;
  // x [B, T, H], causal bias [1, 1, T, T] -> [B, T, H]
  Tensor operator()(const Tensor& x, const Tensor& causal, const HeadMemory& memory) const;
  // x [R, 1, H] with R = B * K; adds its cross-attention [B, K, S] to `attention`.
  Tensor step(const Tensor& x, Tensor& key_cache, Tensor& value_cache, const HeadMemory& memory,
              Tensor& attention) const;
  Tensor empty_cache(int64_t rows) const { return self_attention_->empty_cache(rows); }

 private:
  bool pre_norm_;
  double dropout_;
  std::shared_ptr<SelfAttention> self_attention_;
  std::shared_ptr<CrossAttention> cross_attention_;
  std::shared_ptr<FeedForward> feed_forward_;
  std::shared_ptr<LayerNorm> self_norm_, cross_norm_, feed_forward_norm_;
};

class Transformer : public Seq2Seq {
 public:
  Transformer(const ModelConfig& config, const VocabularySizes& vocabulary, int64_t max_length);
  Tensor forward(const BatchTensors& batch) override;
  Encoded encode(const SourceTensors& source) override;
  DecoderState start(const Encoded& encoded) override;
  StepOutput step(const Tensor& last_ids, DecoderState& state) override;
  Tensor output_weight() const override { return vocabulary_->output_weight; }
  Tensor output_bias() const override { return vocabulary_->output_bias; }

 private:
  std::shared_ptr<Vocabulary> vocabulary_;
  std::shared_ptr<PositionedEmbedding> source_embedding_, target_embedding_;
  std::vector<std::shared_ptr<TransformerEncoderLayer>> encoder_;
  std::vector<std::shared_ptr<TransformerDecoderLayer>> decoder_;
  std::shared_ptr<LayerNorm> encoder_norm_, decoder_norm_;  // pre-norm only
};

}  // namespace heed
