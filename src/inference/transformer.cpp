#include "inference/transformer.h"

#include "inference/source_pieces.h"
#include "kernels/torch.h"

#include <algorithm>

namespace heed {
namespace {

using Kernel = std::optional<kernels::DecoderLayer>;

// The layer as one kernel does its steps: where its weights are packed and both kinds of attention
// are the common ones.
Kernel kernel_of(const TransformerDecoderLayer& layer, bool pre_norm) {
  const SelfAttention& self = layer.self_attention();
  const Attention& cross = layer.cross_attention();
  auto self_shape = self.plain_shape();
  if (!self_shape || !cross.is_plain()) return {};
  kernels::DecoderLayer kernel{.query_key_value = self.query_key_value().packed(),
                               .self_output = self.output_layer().packed(),
                               .query = cross.query_layer().packed(),
                               .cross_output = cross.output_layer().packed(),
                               .inner = layer.feed_forward().inner().packed(),
                               .outer = layer.feed_forward().outer().packed(),
                               .self_norm = layer.self_norm().rows(),
                               .cross_norm = layer.cross_norm().rows(),
                               .feed_forward_norm = layer.feed_forward_norm().rows(),
                               .self_shape = *self_shape,
                               .cross_shape = cross.plain_shape(),
                               .activation = layer.feed_forward().activation(),
                               .pre_norm = pre_norm};
  bool all = kernel.query_key_value && kernel.self_output && kernel.query && kernel.cross_output &&
             kernel.inner && kernel.outer;
  return all ? Kernel(kernel) : std::nullopt;
}

int64_t bytes_of(const kernels::DecoderLayer& layer) {
  int64_t bytes = 0;
  for (const auto& weight : {layer.query_key_value, layer.self_output, layer.query,
                             layer.cross_output, layer.inner, layer.outer}) {
    bytes += weight->bytes();
  }
  return bytes;
}

// How many hypotheses a step is best made of, for layers of so many bytes. What more of them look
// back at leaves the processor's cache; but weights that no cache holds come from memory once a
// step, for all. Measured with beam 5: at width 128, 64 sentences take a tenth longer than 12 or
// fewer; six layers of width 512 (96 MiB in float32) take 1.3 times as long with 9 as with 64.
int64_t rows_for(int64_t bytes) {
  constexpr int64_t kFewest = 48, kMost = 320, kBytesPerRow = 384 * 1024;
  return std::clamp(bytes / kBytesPerRow, kFewest, kMost);
}

class TransformerDecoding : public ModelDecoding {
 public:
  TransformerDecoding(const Transformer& model, const std::vector<Kernel>& kernels,
                      const Encoded& encoded, OutputLayer output, bool wants_attention)
      : ModelDecoding(std::move(output), wants_attention),
        model_(model),
        kernels_(kernels),
        device_(encoded.states.device()) {
    for (const auto& layer : model.decoder()) layers_.push_back(start_layer(*layer, encoded));
    origins_ = layers_[0].self.origins;
  }

 protected:
  Tensor step(const Tensor& ids, Tensor* attention) override {
    drop_unused();
    SelfCache first{layers_[0].self.stored, origins_, {}, {}};
    model_.decoder()[0]->self_attention().extend(first);
    origins_ = first.origins;
    Tensor x = model_.embed_target(ids.view({-1, 1}), position_);
    std::vector<Tensor> crosses;  // [B, A, K, S] of each layer, where wanted
    for (size_t i = 0; i < layers_.size(); ++i) {
      Tensor cross;
      layers_[i].self.origins = origins_;
      x = layer_step(i, x, attention ? &cross : nullptr);
      if (attention) crosses.push_back(cross);
    }
    ++position_;
    if (attention) *attention = mean_attention(crosses);
    return model_.finish(x).squeeze(1);
  }

  void keep(const Tensor& rows, const Tensor& sentences) override {
    if (origins_.defined()) origins_ = origins_.index_select(0, rows);
    for (DecoderLayerState& layer : layers_) {
      if (Tensor& parents = layer.self.parents; layer.self.sums.defined()) {
        parents = parents.defined() ? parents.index_select(0, rows) : rows.to(torch::kInt32);
      }
      layer.cross.keep(rows);
      if (sentences.defined()) layer.memory.keep(sentences);
    }
  }

  torch::Device device() const override { return device_; }

 private:
  // Pieces of hypotheses that are gone leave once they are the greater part.
  void drop_unused() {
    if (!origins_.defined() || layers_[0].self.stored.size(0) <= 2 * origins_.numel()) return;
    for (DecoderLayerState& layer : layers_) {
      layer.self.stored = layer.self.stored.index_select(0, origins_.flatten());
    }
    origins_ = torch::arange(origins_.numel(), origins_.options()).view(origins_.sizes());
  }

  // As heed::layer_step, by the layer's kernel where it has one. May write to x.
  Tensor layer_step(size_t i, const Tensor& x, Tensor* cross) {
    DecoderLayerState& state = layers_[i];
    if (kernels_[i] && state.memory.keys.defined()) {
      kernel_step(*kernels_[i], x, state, cross);
      return x;
    }
    return heed::layer_step(*model_.decoder()[i], {model_.pre_norm(), position_}, x, state, cross);
  }

  static void kernel_step(const kernels::DecoderLayer& kernel, const Tensor& x,
                          DecoderLayerState& state, Tensor* cross) {
    int64_t batch = state.memory.batch(), heads = state.memory.values.size(1);
    kernels::SourcePieces source = source_pieces(state.memory, x.size(0) / batch);
    if (cross) *cross = torch::empty({batch, heads, source.beam, source.length}, x.options());
    kernels::DecoderLayerMemory memory{};
    memory.source = source;
    memory.weights = cross ? cross->mutable_data_ptr<float>() : nullptr;
    SelfCache& own = state.self;
    Tensor before = own.sums, parents = own.parents;
    if (before.defined()) {
      std::vector<int64_t> sizes = before.sizes().vec();
      sizes[0] = x.size(0);
      own.sums = torch::empty(sizes, before.options());
      own.parents = Tensor();
      memory.sums = {.before = before.const_data_ptr<float>(),
                     .parents = parents.defined() ? parents.const_data_ptr<int32_t>() : nullptr,
                     .after = own.sums.mutable_data_ptr<float>()};
    } else {
      memory.written = SelfAttention::reserve(own, x.size(0));
      memory.stored = own.stored.mutable_data_ptr<float>();
      memory.origins = own.origins.const_data_ptr<int32_t>();
      memory.length = own.origins.size(1);
    }
    kernels::decoder_layer_step(kernel, memory, x.mutable_data_ptr<float>());
  }

  const Transformer& model_;
  const std::vector<Kernel>& kernels_;
  torch::Device device_;
  std::vector<DecoderLayerState> layers_;
  Tensor origins_;  // [R, t] int32 into what each layer has stored, or undefined: see SelfCache
  int64_t position_ = 0;
};

}  // namespace

DecoderLayerState start_layer(const TransformerDecoderLayer& layer, const Encoded& encoded) {
  const Attention& cross = layer.cross_attention();
  AttentionMemory memory = cross.prepare_steps(encoded.states, encoded.padding);
  AttentionState state = cross.start(memory);
  SelfCache self = layer.self_attention().empty_cache(memory.batch());
  return {std::move(self), std::move(memory), std::move(state)};
}

Tensor layer_step(const TransformerDecoderLayer& layer, const LayerPlace& place, const Tensor& x,
                  DecoderLayerState& state, Tensor* cross) {
  Residual y(x, {place.pre_norm, 0});
  y.add(layer.self_norm(), [&](const Tensor& z) {
    return layer.self_attention().step(z, place.position, state.self);
  });
  y.add(layer.cross_norm(), [&](const Tensor& z) {
    // A sentence's hypotheses stand in the place of target positions.
    Tensor by_sentence = z.view({state.memory.batch(), -1, z.size(2)});
    AttentionResult result =
        layer.cross_attention().step(by_sentence, state.memory, place.position, state.cross);
    if (cross) *cross = result.weights;
    return result.context.view(z.sizes());
  });
  y.add(layer.feed_forward_norm(), layer.feed_forward());
  return y.sum();
}

TransformerInference::TransformerInference(std::shared_ptr<const Transformer> model,
                                           OutputLayer output, const Placement& placement)
    : ModelInference(*model, std::move(output), placement), model_(std::move(model)) {
  for (const auto& layer : model_->decoder()) {
    kernels_.push_back(placement.packing ? kernel_of(*layer, model_->pre_norm()) : std::nullopt);
  }
  int64_t bytes = 0;
  for (const Kernel& kernel : kernels_) {
    if (kernel) bytes += bytes_of(*kernel);
  }
  preferred_rows_ = on_cpu() ? rows_for(bytes) : 0;
}

std::unique_ptr<Decoding> TransformerInference::begin(const IdMatrix& source,
                                                      const DecodingWants& wants) const {
  c10::InferenceMode no_gradient;
  AttentionTrace none;
  Encoded encoded = model_->encode(to_tensors(source, options()), none);
  return std::make_unique<TransformerDecoding>(*model_, kernels_, encoded,
                                               output().select(wants.pieces), wants.attention);
}

}  // namespace heed
