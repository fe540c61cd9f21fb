#include "inference/recurrent.h"

#include "kernels/torch.h"

namespace heed {
namespace {

class RecurrentDecoding : public ModelDecoding {
 public:
  RecurrentDecoding(const Recurrent& model, const Encoded& encoded, OutputLayer output,
                    bool wants_attention)
      : ModelDecoding(std::move(output), wants_attention),
        model_(model),
        device_(encoded.states.device()),
        memory_(model.decoder().prepare_steps(encoded)),
        state_(model.decoder().start(encoded, memory_)) {}

 protected:
  Tensor step(const Tensor& ids, Tensor* attention) override {
    Tensor embedding = model_.embed_target(ids.view({-1, 1})).squeeze(1), weights;
    Tensor readout = model_.decoder().step(embedding, memory_, state_, weights);
    if (attention) *attention = weights.mean(1);
    return readout;
  }

  void keep(const Tensor& rows, const Tensor& sentences) override {
    state_.keep(rows);
    if (sentences.defined()) memory_.keep(sentences);
  }

  torch::Device device() const override { return device_; }

 private:
  const Recurrent& model_;
  torch::Device device_;
  AttentionMemory memory_;
  RecurrentState state_;
};

}  // namespace

std::unique_ptr<Decoding> RecurrentInference::begin(const IdMatrix& source,
                                                    const DecodingWants& wants) const {
  c10::InferenceMode no_gradient;
  Encoded encoded = model_->encode(to_tensors(source, options()));
  return std::make_unique<RecurrentDecoding>(*model_, encoded, output().select(wants.pieces),
                                             wants.attention);
}

}  // namespace heed
