#include "inference/recurrent.h"

#include "inference/source_pieces.h"
#include "kernels/torch.h"

namespace heed {
namespace {

using StepKernel = std::optional<kernels::RecurrentLayers>;

class RecurrentDecoding : public ModelDecoding {
 public:
  RecurrentDecoding(const Recurrent& model, const StepKernel& kernel, const Encoded& encoded,
                    OutputLayer output, bool wants_attention)
      : ModelDecoding(std::move(output), wants_attention),
        model_(model),
        kernel_(kernel),
        device_(encoded.states.device()),
        memory_(model.decoder().prepare_steps(encoded)),
        state_(model.decoder().start(encoded, memory_)) {
    if (kernel_) take_state();
  }

 protected:
  Tensor step(const Tensor& ids, Tensor* attention) override {
    Tensor embedding = model_.embed_target(ids.view({-1, 1})).squeeze(1), weights;
    Tensor readout = kernel_ ? kernel_step(embedding, weights)
                             : model_.decoder().step(embedding, memory_, state_, weights);
    if (attention) *attention = weights.mean(1);
    return readout;
  }

  void keep(const Tensor& rows, const Tensor& sentences) override {
    state_.keep(rows);
    if (sentences.defined()) memory_.keep(sentences);
  }

  torch::Device device() const override { return device_; }

 private:
  // States of its own, which the kernel writes to.
  void take_state() {
    for (CellState& layer : state_.layers) {
      layer.hidden = layer.hidden.clone(at::MemoryFormat::Contiguous);
      if (layer.memory.defined()) layer.memory = layer.memory.clone(at::MemoryFormat::Contiguous);
    }
    if (memory_.keys.defined()) return;
    memory_.prepared = memory_.prepared.contiguous();
    memory_.values = memory_.values.contiguous();
  }

  // As RecurrentDecoder::step, to the bit.
  Tensor kernel_step(const Tensor& embedding, Tensor& weights) {
    int64_t batch = memory_.batch(), heads = memory_.values.size(1);
    kernels::SourcePieces source = source_pieces(memory_, embedding.size(0) / batch);
    weights = torch::empty({batch, heads, source.beam, source.length}, embedding.options());
    kernels::RecurrentMemory memory{
        .embedding = embedding.const_data_ptr<float>(),
        .feed = state_.feed.defined() ? state_.feed.const_data_ptr<float>() : nullptr,
        .hidden = {},
        .memory = {},
        .source = source,
        .weights = weights.mutable_data_ptr<float>()};
    for (CellState& layer : state_.layers) {
      memory.hidden.push_back(layer.hidden.mutable_data_ptr<float>());
      if (layer.memory.defined()) memory.memory.push_back(layer.memory.mutable_data_ptr<float>());
    }
    Tensor readout =
        torch::empty({embedding.size(0), kernel_->readout_top->out()}, embedding.options());
    kernels::recurrent_step(*kernel_, memory, readout.mutable_data_ptr<float>());
    readout.tanh_();
    if (model_.decoder().feeds_input()) state_.feed = readout;
    return readout;
  }

  const Recurrent& model_;
  const StepKernel& kernel_;
  torch::Device device_;
  AttentionMemory memory_;
  RecurrentState state_;
};

}  // namespace

std::unique_ptr<Decoding> RecurrentInference::begin(const IdMatrix& source,
                                                    const DecodingWants& wants) const {
  c10::InferenceMode no_gradient;
  Encoded encoded = model_->encode(to_tensors(source, options()));
  return std::make_unique<RecurrentDecoding>(*model_, kernel_, encoded,
                                             output().select(wants.pieces), wants.attention);
}

}  // namespace heed
