#include "decoding/ensemble.h"

#include "kernels/torch.h"

#include <cmath>

#include "util/error.h"

namespace heed {

Ensemble::Ensemble(std::vector<std::shared_ptr<Seq2Seq>> members, const SourceTokenizers& sources)
    : members_(std::move(members)), own_sources_(members_.size()) {
  for (size_t i = 0; i < members_.size(); ++i) {
    register_module("member_" + std::to_string(i), members_[i]);
  }
  if (sources.empty()) return;
  source_ = sources[0];
  for (size_t i = 1; i < sources.size(); ++i) {
    if (sources[i]->model_bytes() != source_->model_bytes()) own_sources_[i] = sources[i];
  }
}

SourceTensors Ensemble::in_own_pieces(const SourceTensors& source, size_t member) const {
  const Tokenizer& own = *own_sources_[member];
  Tensor ids = source.ids.cpu();
  std::vector<std::vector<int32_t>> sentences;
  for (int64_t row = 0; row < ids.size(0); ++row) {
    int64_t pieces = source.lengths[row].item<int64_t>() - 1;  // without the end symbol
    const auto* first = ids[row].const_data_ptr<int64_t>();
    sentences.push_back(own.encode(source_->decode(std::vector<int32_t>(first, first + pieces))));
  }
  return to_tensors(pad_sentences({sentences.begin(), sentences.end()}, own.special()),
                    *members_[member]);
}

Tensor Ensemble::forward(const BatchTensors&, AttentionTrace&) {
  fail("an ensemble cannot be trained");
}

Encoded Ensemble::encode(const SourceTensors& source) {
  Encoded encoded;
  for (size_t i = 0; i < members_.size(); ++i) {
    encoded.members.push_back(
        members_[i]->encode(own_sources_[i] ? in_own_pieces(source, i) : source));
  }
  return encoded;
}

DecoderState Ensemble::start(const Encoded& encoded) {
  DecoderState state;
  for (size_t i = 0; i < members_.size(); ++i) {
    state.members.push_back(members_[i]->start(encoded.members[i]));
  }
  return state;
}

StepOutput Ensemble::step(const Tensor& last_ids, DecoderState& state) {
  std::vector<Tensor> log_probabilities, attention;
  for (size_t i = 0; i < members_.size(); ++i) {
    state.members[i].wants_attention = state.wants_attention && !own_sources_[i];
    StepOutput output = members_[i]->step(last_ids, state.members[i]);
    log_probabilities.push_back(torch::log_softmax(output.logits.to(torch::kFloat32), -1));
    if (state.members[i].wants_attention) {
      attention.push_back(output.attention.to(torch::kFloat32));
    }
  }
  ++state.position;
  auto count = static_cast<double>(members_.size());
  Tensor mean = torch::logsumexp(torch::stack(log_probabilities), 0) - std::log(count);
  return {mean, attention.empty() ? Tensor() : torch::stack(attention).mean(0)};
}

void Ensemble::reorder(DecoderState& state, const Tensor& rows, const Tensor& sentences) const {
  for (size_t i = 0; i < members_.size(); ++i) {
    members_[i]->reorder(state.members[i], rows, sentences);
  }
}

}  // namespace heed
