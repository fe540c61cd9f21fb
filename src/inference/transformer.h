// The Transformer compiled for translation.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "inference/model_inference.h"
#include "kernels/decoder_layer.h"
#include "model/transformer.h"

namespace heed {

// What a decoder layer carries from step to step, R = B * K rows.
struct DecoderLayerState {
  SelfCache self;
  AttentionMemory memory;  // the source
  AttentionState cross;
};
DecoderLayerState start_layer(const TransformerDecoderLayer& layer, const Encoded& encoded);

// One step of a layer by its parts, whatever their kinds: x [R, 1, H], the piece at `position`,
// which state.self, already extended, holds too -> [R, 1, H]. `cross`, where given, becomes the
// attention to the source, [B, A, K, S].
struct LayerPlace {
  bool pre_norm;
  int64_t position;
};
Tensor layer_step(const TransformerDecoderLayer& layer, const LayerPlace& place, const Tensor& x,
                  DecoderLayerState& state, Tensor* cross);

class TransformerInference : public ModelInference {
 public:
  TransformerInference(std::shared_ptr<const Transformer> model, OutputLayer output,
                       const Placement& placement);
  std::unique_ptr<Decoding> begin(const IdMatrix& source,
                                  const DecodingWants& wants) const override;
  int64_t preferred_rows() const override { return preferred_rows_; }

 private:
  std::shared_ptr<const Transformer> model_;
  // Each decoder layer as one kernel does its steps, where one can.
  std::vector<std::optional<kernels::DecoderLayer>> kernels_;
  int64_t preferred_rows_;
};

}  // namespace heed
