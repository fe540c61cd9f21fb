#include "model/attention_score.h"

#include <cmath>
#include <functional>
#include <map>

#include "model/layers.h"

namespace heed {
namespace {

std::shared_ptr<Linear> without_bias(int64_t in, int64_t out) {
  return std::make_shared<Linear>(in, out, LinearOptions{false});
}

// The mean of a sentence's keys, its padding left out: [N, S, Hk] -> [N, 1, Hk].
Tensor mean_key(const Tensor& keys, const Tensor& padding) {
  if (!padding.defined()) return keys.mean(1, true);
  return torch::bmm(torch::softmax(padding, -1), keys);
}

// Scores with a hidden layer: v^T tanh(query part + prepared keys), and, with coverage c, + u c
// inside the tanh (Tu et al., 2016, equation 6; See et al., 2017, equation 11).
class HiddenScore : public AttentionScore {
 public:
  Tensor score(const Tensor& queries, const Tensor& prepared,
               const Tensor& coverage) const override {
    // [N, T, 1, Ha] + [N, 1, S, Ha]
    Tensor hidden = query_part(queries).unsqueeze(2) + prepared.unsqueeze(1);
    if (coverage.defined()) hidden = hidden + coverage.unsqueeze(3) * coverage_;
    return (*energy_)(torch::tanh(hidden)).squeeze(3);
  }
  Tensor energy() const override { return energy_->weight; }

 protected:
  // The last of a kind's parameters, so its constructor calls this at its end.
  void add_energy(const AttentionSizes& sizes) {
    energy_ = register_module("energy", without_bias(sizes.inner, 1));
    if (sizes.coverage) coverage_ = make_matrix(*this, "coverage", 1, sizes.inner);
  }

 private:
  std::shared_ptr<Linear> energy_;
  Tensor coverage_;  // [1, Ha]
};

// v^T tanh(W q + U k) (Bahdanau et al., 2015, appendix A.1.2).
class AdditiveScore : public HiddenScore {
 public:
  explicit AdditiveScore(const AttentionSizes& sizes)
      : query_(register_module("query", std::make_shared<Linear>(sizes.query, sizes.inner))),
        key_(register_module("key", without_bias(sizes.key, sizes.inner))) {
    add_energy(sizes);
  }
  Tensor prepare(const Tensor& keys, const Tensor&) const override { return (*key_)(keys); }
  Tensor query_part(const Tensor& queries) const override { return (*query_)(queries); }
  QueryPart plain_query() const override { return {1, query_.get()}; }

 private:
  std::shared_ptr<Linear> query_, key_;
};

// v^T tanh(W [q; k]) (Luong et al., 2015, section 3.1). W [q; k] is computed as Wq q + Wk k, so
// that the keys' part is done once a sentence; unlike additive there is no bias.
class ConcatScore : public HiddenScore {
 public:
  explicit ConcatScore(const AttentionSizes& sizes) : query_size_(sizes.query) {
    weight_ = make_matrix(*this, "weight", sizes.inner, sizes.query + sizes.key);
    add_energy(sizes);
  }
  Tensor prepare(const Tensor& keys, const Tensor&) const override {
    return torch::linear(keys, weight_.slice(1, query_size_));
  }
  Tensor query_part(const Tensor& queries) const override {
    return torch::linear(queries, weight_.slice(1, 0, query_size_));
  }

 private:
  int64_t query_size_;
  Tensor weight_;
};

// v^T tanh(W q + U k + C c): attention over query, key and context together in its additive form
// (Yu et al., 2022, arXiv 2211.02899, section 3.2). The context c is the mean of the sentence's
// keys.
class TriScore : public HiddenScore {
 public:
  explicit TriScore(const AttentionSizes& sizes)
      : query_(register_module("query", std::make_shared<Linear>(sizes.query, sizes.inner))),
        key_(register_module("key", without_bias(sizes.key, sizes.inner))),
        context_(register_module("context", without_bias(sizes.key, sizes.inner))) {
    add_energy(sizes);
  }
  Tensor prepare(const Tensor& keys, const Tensor& padding) const override {
    return (*key_)(keys) + (*context_)(mean_key(keys, padding));
  }
  Tensor query_part(const Tensor& queries) const override { return (*query_)(queries); }
  QueryPart plain_query() const override { return {1, query_.get()}; }

 private:
  std::shared_ptr<Linear> query_, key_, context_;
};

// Scores that are a product: query part . prepared key, and, with coverage c, + (query part . u) c.
class ProductScore : public AttentionScore {
 public:
  Tensor score(const Tensor& queries, const Tensor& prepared,
               const Tensor& coverage) const override {
    Tensor query = query_part(queries);
    Tensor scores = torch::bmm(query, prepared.transpose(1, 2));
    return coverage.defined() ? scores + torch::linear(query, coverage_) * coverage : scores;
  }

 protected:
  void add_coverage(const AttentionSizes& sizes, int64_t width) {
    if (sizes.coverage) coverage_ = make_matrix(*this, "coverage", 1, width);
  }

 private:
  Tensor coverage_;  // [1, width]
};

// q^T k (Luong et al., 2015, section 3.1), or q^T k / sqrt(H) (Vaswani et al., 2017,
// section 3.2.1). The widths must agree; where they do not, the keys are projected first.
class DotScore : public ProductScore {
 public:
  DotScore(const AttentionSizes& sizes, double scale) : scale_(scale) {
    if (sizes.key != sizes.query) {
      key_ = register_module("key", without_bias(sizes.key, sizes.query));
    }
    add_coverage(sizes, sizes.query);
  }
  Tensor prepare(const Tensor& keys, const Tensor&) const override {
    return key_ ? (*key_)(keys) : keys;
  }
  Tensor query_part(const Tensor& queries) const override {
    return scale_ == 1.0 ? queries : queries * scale_;
  }
  QueryPart plain_query() const override { return {scale_, nullptr}; }

 private:
  double scale_;
  std::shared_ptr<Linear> key_;
};

// q^T W k (Luong et al., 2015, section 3.1).
class GeneralScore : public ProductScore {
 public:
  explicit GeneralScore(const AttentionSizes& sizes)
      : key_(register_module("key", without_bias(sizes.key, sizes.query))) {
    add_coverage(sizes, sizes.query);
  }
  Tensor prepare(const Tensor& keys, const Tensor&) const override { return (*key_)(keys); }
  Tensor query_part(const Tensor& queries) const override { return queries; }
  QueryPart plain_query() const override { return {1, nullptr}; }

 private:
  std::shared_ptr<Linear> key_;
};

// sum_r (W q)_r (U k)_r (C c)_r / sqrt(R): the trilinear form of tri, its tensor of three axes
// factorised to rank R = inner (arXiv 2211.02899, section 3.2). C c starts near 1, that is, as a
// plain product of query and key.
class TrilinearScore : public ProductScore {
 public:
  explicit TrilinearScore(const AttentionSizes& sizes)
      : scale_(1.0 / std::sqrt(static_cast<double>(sizes.inner))),
        query_(register_module("query", without_bias(sizes.query, sizes.inner))),
        key_(register_module("key", without_bias(sizes.key, sizes.inner))),
        context_(register_module("context", std::make_shared<Linear>(sizes.key, sizes.inner))) {
    torch::NoGradGuard no_gradient;
    context_->bias.fill_(1);
    add_coverage(sizes, sizes.inner);
  }
  Tensor prepare(const Tensor& keys, const Tensor& padding) const override {
    return (*key_)(keys) * (*context_)(mean_key(keys, padding));
  }
  Tensor query_part(const Tensor& queries) const override { return (*query_)(queries)*scale_; }
  QueryPart plain_query() const override { return {scale_, query_.get()}; }

 private:
  double scale_;
  std::shared_ptr<Linear> query_, key_, context_;
};

using ScoreMaker = std::function<std::shared_ptr<AttentionScore>(const AttentionSizes&)>;

template <typename Score>
std::shared_ptr<AttentionScore> make(const AttentionSizes& sizes) {
  return std::make_shared<Score>(sizes);
}

double inverse_root(int64_t size) { return 1.0 / std::sqrt(static_cast<double>(size)); }

// The kinds of model.attention_score.
const std::map<ScoreKind, ScoreMaker>& score_table() {
  static const std::map<ScoreKind, ScoreMaker> table = {
      {ScoreKind("additive"), make<AdditiveScore>},
      {ScoreKind("dot"), [](auto& sizes) { return std::make_shared<DotScore>(sizes, 1.0); }},
      {ScoreKind("scaled_dot"),
       [](auto& sizes) { return std::make_shared<DotScore>(sizes, inverse_root(sizes.query)); }},
      {ScoreKind("general"), make<GeneralScore>},
      {ScoreKind("concat"), make<ConcatScore>},
      {ScoreKind("tri"), make<TriScore>},
      {ScoreKind("trilinear"), make<TrilinearScore>},
  };
  return table;
}

}  // namespace

std::shared_ptr<AttentionScore> make_attention_score(ScoreKind kind, const AttentionSizes& sizes) {
  return score_table().at(kind)(sizes);
}

}  // namespace heed
