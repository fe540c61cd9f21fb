// The Transformer (Vaswani et al., 2017), pre- or post-norm.
#pragma once

#include <memory>
#include <vector>

#include "model/attention.h"
#include "model/residual.h"
#include "model/self_attention.h"

namespace heed {

class TransformerEncoderLayer : public torch::nn::Module {
 public:
  explicit TransformerEncoderLayer(const ModelConfig& config);
  // Adds its sublayers to x [B, S, H]; `weights`, where given, becomes its attention [B, A, S, S].
  void operator()(Residual& x, const SelfMask& mask, Tensor* weights) const;
  const SelfAttention& self_attention() const { return *self_attention_; }

 private:
  std::shared_ptr<SelfAttention> self_attention_;
  std::shared_ptr<FeedForward> feed_forward_;
  std::shared_ptr<LayerNorm> self_norm_, feed_forward_norm_;
};

class TransformerDecoderLayer : public torch::nn::Module {
 public:
  explicit TransformerDecoderLayer(const ModelConfig& config);
  // Teacher forcing: adds its sublayers to x [B, T, H], and what `trace` wants of it to that.
  void operator()(Residual& x, const SelfMask& mask, const Encoded& encoded,
                  AttentionTrace& trace) const;
  void set_drawing(bool drawing) { cross_attention_->set_drawing(drawing); }

  const SelfAttention& self_attention() const { return *self_attention_; }
  const Attention& cross_attention() const { return *cross_attention_; }
  const FeedForward& feed_forward() const { return *feed_forward_; }
  const LayerNorm& self_norm() const { return *self_norm_; }
  const LayerNorm& cross_norm() const { return *cross_norm_; }
  const LayerNorm& feed_forward_norm() const { return *feed_forward_norm_; }

 private:
  std::shared_ptr<SelfAttention> self_attention_;
  std::shared_ptr<Attention> cross_attention_;
  std::shared_ptr<FeedForward> feed_forward_;
  std::shared_ptr<LayerNorm> self_norm_, cross_norm_, feed_forward_norm_;
};

class Transformer : public Seq2Seq {
 public:
  explicit Transformer(const ModelShape& shape);
  Tensor forward(const BatchTensors& batch, AttentionTrace& trace) const override;
  void set_drawing(bool drawing) override;
  Tensor output_weight() const override { return vocabulary_->output_weight; }
  Tensor output_bias() const override { return vocabulary_->output_bias; }
  OutputProjection release_output() { return vocabulary_->release_output(); }

  // The source's states; adds what `trace` wants of the encoder to that.
  Encoded encode(const SourceTensors& source, AttentionTrace& trace) const;
  // Target pieces [B, T], the first at position `first`, as the first layer takes them [B, T, H].
  // Where model.decoder_start = zero, the piece at position 0 is not looked at.
  Tensor embed_target(const Tensor& ids, int64_t first) const;
  // The last layer's output [..., H] as the output projection takes it.
  Tensor finish(const Tensor& x) const;
  bool pre_norm() const { return decoder_norm_ != nullptr; }
  const std::vector<std::shared_ptr<TransformerDecoderLayer>>& decoder() const { return decoder_; }

 private:
  // The stream through the layers, beginning with x [B, T, H], and its end.
  Residual begin(const Tensor& x) const;
  static Tensor end(Residual& x, const std::shared_ptr<LayerNorm>& norm);
  double dropout_;
  bool starts_from_zero_;
  std::shared_ptr<VocabularyTables> vocabulary_;
  std::shared_ptr<PositionedEmbedding> source_embedding_, target_embedding_;
  std::vector<std::shared_ptr<TransformerEncoderLayer>> encoder_;
  std::vector<std::shared_ptr<TransformerDecoderLayer>> decoder_;
  std::shared_ptr<LayerNorm> encoder_norm_, decoder_norm_;  // pre-norm only
};

}  // namespace heed
