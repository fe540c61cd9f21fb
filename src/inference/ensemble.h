// Several models as one: the mean of their probabilities. They share a target vocabulary; their
// architectures may differ.
#pragma once

#include <memory>
#include <vector>

#include "decoding/inference.h"
#include "tokenizer/tokenizer.h"

namespace heed {

class Ensemble : public Inference {
 public:
  struct Member {
    std::shared_ptr<const Inference> model;
    std::shared_ptr<const Tokenizer> source;  // its source tokenizer
  };
  // Sources are given in the first member's pieces. A member with another source vocabulary gets
  // the sentence's text in its own pieces; characters that the first does not know are lost on the
  // way.
  explicit Ensemble(std::vector<Member> members);

  std::unique_ptr<Decoding> begin(const IdMatrix& source,
                                  const DecodingWants& wants) const override;
  // Attention is the mean of the members that have the first one's source vocabulary.
  ForcedTargets force(const Batch& batch, bool attention) const override;
  std::vector<AttentionMap> heads(const Batch& pair) const override;
  int64_t preferred_rows() const override { return members_[0].model->preferred_rows(); }
  int64_t parallel_batches() const override { return members_[0].model->parallel_batches(); }
  void enter_worker() const override { members_[0].model->enter_worker(); }

 private:
  bool shares_source(size_t member) const;
  IdMatrix in_own_pieces(const IdMatrix& source, size_t member) const;
  std::vector<Member> members_;
};

}  // namespace heed
