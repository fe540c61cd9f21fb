// Several models as one: the mean of their probabilities. They share a target vocabulary; their
// architectures may differ.
#pragma once

#include <memory>
#include <vector>

#include "model/seq2seq.h"
#include "tokenizer/tokenizer.h"

namespace heed {

class Ensemble : public Seq2Seq {
 public:
  using SourceTokenizers = std::vector<std::shared_ptr<Tokenizer>>;
  // `sources` are the members' source tokenizers, the first being that of the ids that encode()
  // is given; none: they all share it. A member with another one gets the sentence's text in its
  // own pieces; characters that the first does not know are lost on the way.
  explicit Ensemble(std::vector<std::shared_ptr<Seq2Seq>> members,
                    const SourceTokenizers& sources = {});
  // An ensemble is for translation: throws Error.
  Tensor forward(const BatchTensors& batch, AttentionTrace& trace) override;
  Encoded encode(const SourceTensors& source) override;
  DecoderState start(const Encoded& encoded) override;
  // Logits are log-probabilities here; the attention is the mean of the members that have the
  // first one's source vocabulary.
  StepOutput step(const Tensor& last_ids, DecoderState& state) override;
  void reorder(DecoderState& state, const Tensor& rows, const Tensor& sentences) const override;
  Tensor output_weight() const override { return members_[0]->output_weight(); }
  Tensor output_bias() const override { return members_[0]->output_bias(); }

 private:
  SourceTensors in_own_pieces(const SourceTensors& source, size_t member) const;
  std::vector<std::shared_ptr<Seq2Seq>> members_;
  std::shared_ptr<Tokenizer> source_;  // of the ids that encode() is given
  SourceTokenizers own_sources_;       // of each member; null where it is source_
};

}  // namespace heed
