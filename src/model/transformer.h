// The Transformer (Vaswani et al., 2017), pre- or post-norm.
#pragma once

#include <memory>
#include <vector>

#include "kernels/decoder_layer.h"
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

// What a decoder layer carries from step to step.
struct DecoderLayerState {
  SelfCache self;
  AttentionState cross;
};

class TransformerDecoderLayer : public torch::nn::Module {
 public:
  explicit TransformerDecoderLayer(const ModelConfig& config);
  AttentionMemory prepare(const Encoded& encoded) const;  // for steps
  DecoderLayerState start(const AttentionMemory& memory) const;
  // Teacher forcing: adds its sublayers to x [B, T, H], and what `trace` wants of it to that.
  void operator()(Residual& x, const SelfMask& mask, const Encoded& encoded,
                  AttentionTrace& trace) const;
  // x [R, 1, H] with R = B * K; `cross`, where given, becomes its attention to the source,
  // [B, A, K, S]. May write to x.
  Tensor step(const Tensor& x, int64_t position, const AttentionMemory& memory,
              DecoderLayerState& state, Tensor* cross) const;
  const SelfAttention& self_attention() const { return *self_attention_; }
  void set_drawing(bool drawing) { cross_attention_->set_drawing(drawing); }

 private:
  // The layer as one kernel does its steps: where its weights are packed and both kinds of
  // attention are the common ones.
  std::optional<kernels::DecoderLayer> packed() const;
  void packed_step(const kernels::DecoderLayer& layer, const Tensor& x,
                   const AttentionMemory& memory, DecoderLayerState& state, Tensor* cross) const;

  bool pre_norm_;
  std::shared_ptr<SelfAttention> self_attention_;
  std::shared_ptr<Attention> cross_attention_;
  std::shared_ptr<FeedForward> feed_forward_;
  std::shared_ptr<LayerNorm> self_norm_, cross_norm_, feed_forward_norm_;
};

class Transformer : public Seq2Seq {
 public:
  Transformer(const ModelConfig& config, const VocabularySizes& vocabulary, int64_t max_length);
  Tensor forward(const BatchTensors& batch, AttentionTrace& trace) override;
  void set_drawing(bool drawing) override;
  Encoded encode(const SourceTensors& source) override;
  DecoderState start(const Encoded& encoded) override;
  StepOutput step(const Tensor& last_ids, DecoderState& state) override;
  std::shared_ptr<const kernels::PackedLinear> offer(
      std::span<const int32_t> pieces) const override {
    return vocabulary_->offer(pieces);
  }
  Tensor output_weight() const override { return vocabulary_->output_weight; }
  Tensor output_bias() const override { return vocabulary_->output_bias; }

 private:
  Encoded encode(const SourceTensors& source, AttentionTrace& trace);
  // The stream through the layers, beginning with x [B, T, H], and its end.
  Residual begin(const Tensor& x) const;
  static Tensor end(Residual& x, const std::shared_ptr<LayerNorm>& norm);
  bool pre_norm_;
  double dropout_;
  std::shared_ptr<Vocabulary> vocabulary_;
  std::shared_ptr<PositionedEmbedding> source_embedding_, target_embedding_;
  std::vector<std::shared_ptr<TransformerEncoderLayer>> encoder_;
  std::vector<std::shared_ptr<TransformerDecoderLayer>> decoder_;
  std::shared_ptr<LayerNorm> encoder_norm_, decoder_norm_;  // pre-norm only
};

}  // namespace heed
