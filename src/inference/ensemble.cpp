#include "inference/ensemble.h"

#include "kernels/torch.h"

#include <cmath>

#include "inference/output_layer.h"
#include "util/error.h"

namespace heed {
namespace {

// The logarithm of the mean of probabilities whose logarithms are given.
Tensor log_mean(const std::vector<Tensor>& log_probabilities) {
  auto count = static_cast<double>(log_probabilities.size());
  return torch::logsumexp(torch::stack(log_probabilities), 0) - std::log(count);
}

// The same memory as a tensor; x must live as long.
Tensor view_of(std::vector<float>& x, at::IntArrayRef sizes) {
  return torch::from_blob(x.data(), sizes, torch::kFloat32);
}
Tensor view_of(FloatMatrix& x) { return view_of(x.values, {x.rows, x.columns}); }

FloatMatrix mean_of(std::vector<FloatMatrix> all) {
  std::vector<Tensor> views;
  for (FloatMatrix& one : all) views.push_back(view_of(one));
  return to_matrix(torch::stack(views).mean(0));
}

class EnsembleDecoding : public Decoding {
 public:
  struct Part {
    std::unique_ptr<Decoding> decoding;
    bool has_attention;
  };
  EnsembleDecoding(std::vector<Part> parts, const std::vector<int32_t>& pieces)
      : parts_(std::move(parts)), columns_(pieces) {}

  void take(const std::vector<int64_t>& last) override {
    c10::InferenceMode no_gradient;
    std::vector<FloatMatrix> all;
    std::vector<Tensor> views;
    for (Part& part : parts_) {
      part.decoding->take(last);
      all.push_back(part.decoding->log_probabilities());
    }
    for (FloatMatrix& one : all) views.push_back(view_of(one));
    mean_ = log_mean(views);
  }
  BestPieces best(const BestQuery& query) const override {
    c10::InferenceMode no_gradient;
    return best_of(mean_, columns_, query);
  }
  FloatMatrix log_probabilities() const override { return to_matrix(mean_); }
  FloatMatrix attention() const override {
    c10::InferenceMode no_gradient;
    std::vector<FloatMatrix> all;
    for (const Part& part : parts_) {
      if (part.has_attention) all.push_back(part.decoding->attention());
    }
    return mean_of(std::move(all));
  }
  void keep(const std::vector<int64_t>& rows, const std::vector<int64_t>* sentences) override {
    for (Part& part : parts_) part.decoding->keep(rows, sentences);
  }

 private:
  std::vector<Part> parts_;
  PieceColumns columns_;
  Tensor mean_;  // [R, V]: log of the members' mean probability
};

}  // namespace

Ensemble::Ensemble(std::vector<Member> members) : members_(std::move(members)) {
  if (members_.empty()) fail("an ensemble needs at least one model");
}

bool Ensemble::shares_source(size_t member) const {
  const Tokenizer &own = *members_[member].source, &first = *members_[0].source;
  return &own == &first || own.checksum() == first.checksum();
}

IdMatrix Ensemble::in_own_pieces(const IdMatrix& source, size_t member) const {
  const Tokenizer& own = *members_[member].source;
  std::vector<std::vector<int32_t>> sentences;
  for (int64_t row = 0; row < source.rows; ++row) {
    auto first = source.ids.begin() + row * source.columns;
    std::vector<int32_t> ids(first, first + source.lengths[row] - 1);  // without the end symbol
    sentences.push_back(own.encode(members_[0].source->decode(ids)));
  }
  return pad_sentences({sentences.begin(), sentences.end()}, own.special());
}

std::unique_ptr<Decoding> Ensemble::begin(const IdMatrix& source,
                                          const DecodingWants& wants) const {
  std::vector<EnsembleDecoding::Part> parts;
  for (size_t i = 0; i < members_.size(); ++i) {
    bool shares = shares_source(i);
    DecodingWants own{wants.attention && shares, wants.pieces};
    parts.push_back(
        {members_[i].model->begin(shares ? source : in_own_pieces(source, i), own), own.attention});
  }
  return std::make_unique<EnsembleDecoding>(std::move(parts), wants.pieces);
}

ForcedTargets Ensemble::force(const Batch& batch, bool attention) const {
  c10::InferenceMode no_gradient;
  std::vector<ForcedTargets> all;
  std::vector<Tensor> views;
  for (size_t i = 0; i < members_.size(); ++i) {
    Batch own = batch;
    bool shares = shares_source(i);
    if (!shares) own.source = in_own_pieces(batch.source, i);
    all.push_back(members_[i].model->force(own, attention && shares));
  }
  for (ForcedTargets& one : all) {
    views.push_back(view_of(one.log_probabilities, {std::ssize(one.log_probabilities)}));
  }
  ForcedTargets forced{to_floats(log_mean(views)), {}};
  for (size_t row = 0; row < all[0].attention.size(); ++row) {
    std::vector<FloatMatrix> weights;
    for (ForcedTargets& one : all) {
      if (!one.attention.empty()) weights.push_back(std::move(one.attention[row]));
    }
    forced.attention.push_back(mean_of(std::move(weights)));
  }
  return forced;
}

std::vector<AttentionMap> Ensemble::heads(const Batch&) const {
  fail("an ensemble has no attention of its own: inspect its models one by one");
}

}  // namespace heed
