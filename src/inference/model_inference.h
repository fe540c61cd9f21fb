// What the compiled forms of all architectures share.
#pragma once

#include "inference/output_layer.h"

namespace heed {

// Where a model computes, and in which numbers.
struct Placement {
  torch::Device device;
  torch::ScalarType type;
  // How its linear layers are laid out and rounded for the CPU's kernels; none: as they are.
  std::optional<kernels::Packing> packing = {};
};

// The mean over layers and heads of attention [B, A, T, S] of each layer: [B, T, S].
Tensor mean_attention(const std::vector<Tensor>& layers);

class ModelDecoding : public Decoding {
 public:
  ModelDecoding(OutputLayer output, bool wants_attention)
      : output_(std::move(output)), wants_attention_(wants_attention) {}

  void take(const std::vector<int64_t>& last) final;
  BestPieces best(const BestQuery& query) const final;
  FloatMatrix log_probabilities() const final;
  FloatMatrix attention() const final;
  void keep(const std::vector<int64_t>& rows, const std::vector<int64_t>* sentences) final;

 protected:
  // Takes pieces [R] int64; gives the states before the output projection, [R, H]. `attention`,
  // where given, becomes the step's, [B, K, S].
  virtual Tensor step(const Tensor& ids, Tensor* attention) = 0;
  // `sentences` is undefined where all stay.
  virtual void keep(const Tensor& rows, const Tensor& sentences) = 0;
  virtual torch::Device device() const = 0;

 private:
  OutputLayer output_;
  bool wants_attention_;
  Tensor states_, attention_;
};

// `model` is what is compiled: a module tree of its own, whose linear layers may be packed.
class ModelInference : public Inference {
 public:
  ModelInference(const Seq2Seq& model, OutputLayer output, const Placement& placement)
      : model_(model), output_(std::move(output)), placement_(placement) {}
  ForcedTargets force(const Batch& batch, bool attention) const override;
  std::vector<AttentionMap> heads(const Batch& pair) const override;
  void enter_worker() const override;
  int64_t parallel_batches() const override { return placement_.device.is_cpu() ? 0 : 1; }

 protected:
  torch::TensorOptions options() const {
    return torch::TensorOptions(placement_.type).device(placement_.device);
  }
  const OutputLayer& output() const { return output_; }
  bool on_cpu() const { return placement_.device.is_cpu(); }

 private:
  const Seq2Seq& model_;  // the derived class's own
  OutputLayer output_;
  Placement placement_;
};

}  // namespace heed
