// Several models as one: the mean of their probabilities. They share a target vocabulary; their
// architectures may differ.
#pragma once

#include <memory>
#include <vector>

#include "model/seq2seq.h"

namespace heed {

class Ensemble : public Seq2Seq {
 public:
  explicit Ensemble(std::vector<std::shared_ptr<Seq2Seq>> members);
  // An ensemble is for translation: throws Error.
  Tensor forward(const BatchTensors& batch, AttentionTrace& trace) override;
  Encoded encode(const SourceTensors& source) override;
  DecoderState start(const Encoded& encoded) override;
  // Logits are log-probabilities here; the attention is the members' mean.
  StepOutput step(const Tensor& last_ids, DecoderState& state) override;
  Tensor output_weight() const override { return members_[0]->output_weight(); }
  Tensor output_bias() const override { return members_[0]->output_bias(); }

 private:
  std::vector<std::shared_ptr<Seq2Seq>> members_;
  std::vector<size_t> rows_, sentences_;  // how many tensors of the state belong to each member
};

}  // namespace heed
