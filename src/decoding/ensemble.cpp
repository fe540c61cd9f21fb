#include "decoding/ensemble.h"

#include "model/torch.h"

#include <cmath>

#include "util/error.h"

namespace heed {
namespace {

// The tensors [begin, begin + count) of a list, moved out, and back.
std::vector<Tensor> take(std::vector<Tensor>& from, size_t begin, size_t count) {
  auto first = from.begin() + static_cast<std::ptrdiff_t>(begin);
  return {first, first + static_cast<std::ptrdiff_t>(count)};
}

void put(std::vector<Tensor>& into, size_t begin, const std::vector<Tensor>& tensors) {
  std::copy(tensors.begin(), tensors.end(), into.begin() + static_cast<std::ptrdiff_t>(begin));
}

void append(std::vector<Tensor>& into, const std::vector<Tensor>& tensors) {
  into.insert(into.end(), tensors.begin(), tensors.end());
}

}  // namespace

Ensemble::Ensemble(std::vector<std::shared_ptr<Seq2Seq>> members) : members_(std::move(members)) {
  for (size_t i = 0; i < members_.size(); ++i) {
    register_module("member_" + std::to_string(i), members_[i]);
  }
}

Tensor Ensemble::forward(const BatchTensors&, AttentionTrace&) {
  fail("an ensemble cannot be trained");
}

Encoded Ensemble::encode(const SourceTensors& source) {
  Encoded encoded;
  for (const auto& member : members_) encoded.members.push_back(member->encode(source));
  return encoded;
}

DecoderState Ensemble::start(const Encoded& encoded) {
  DecoderState state;
  rows_.clear();
  sentences_.clear();
  for (size_t i = 0; i < members_.size(); ++i) {
    DecoderState own = members_[i]->start(encoded.members[i]);
    append(state.rows, own.rows);
    append(state.sentences, own.sentences);
    rows_.push_back(own.rows.size());
    sentences_.push_back(own.sentences.size());
  }
  return state;
}

StepOutput Ensemble::step(const Tensor& last_ids, DecoderState& state) {
  std::vector<Tensor> log_probabilities, attention;
  size_t row = 0, sentence = 0;
  for (size_t i = 0; i < members_.size(); ++i) {
    DecoderState own{take(state.rows, row, rows_[i]),
                     take(state.sentences, sentence, sentences_[i]), state.position};
    StepOutput output = members_[i]->step(last_ids, own);
    put(state.rows, row, own.rows);
    put(state.sentences, sentence, own.sentences);
    row += rows_[i];
    sentence += sentences_[i];
    log_probabilities.push_back(torch::log_softmax(output.logits.to(torch::kFloat32), -1));
    attention.push_back(output.attention.to(torch::kFloat32));
  }
  ++state.position;
  auto count = static_cast<double>(members_.size());
  return {torch::logsumexp(torch::stack(log_probabilities), 0) - std::log(count),
          torch::stack(attention).mean(0)};
}

}  // namespace heed
