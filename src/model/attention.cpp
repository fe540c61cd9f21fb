#include "model/attention.h"

#include <cmath>
#include <functional>
#include <map>

#include "model/layers.h"
#include "util/error.h"

namespace heed {
namespace {

// v^T tanh(W q + U k) (Bahdanau et al., 2015, appendix A.1.2).
class AdditiveScore : public AttentionScore {
 public:
  explicit AdditiveScore(const AttentionSizes& sizes)
      : query_(register_module("query", std::make_shared<Linear>(sizes.query, sizes.attention))),
        key_(register_module(
            "key", std::make_shared<Linear>(sizes.key, sizes.attention, LinearOptions{false}))),
        energy_(register_module(
            "energy", std::make_shared<Linear>(sizes.attention, 1, LinearOptions{false}))) {}

  Tensor prepare(const Tensor& keys) const override { return (*key_)(keys); }

  Tensor score(const Tensor& queries, const Tensor& prepared) const override {
    // [B, T, 1, Ha] + [B, 1, S, Ha]
    Tensor hidden = torch::tanh((*query_)(queries).unsqueeze(2) + prepared.unsqueeze(1));
    return (*energy_)(hidden).squeeze(3);
  }

 private:
  std::shared_ptr<Linear> query_, key_, energy_;
};

// q^T k (Luong et al., 2015, section 3.1), or q^T k / sqrt(H) (Vaswani et al., 2017,
// section 3.2.1). The widths must agree; where they do not, the keys are projected first.
class DotScore : public AttentionScore {
 public:
  DotScore(const AttentionSizes& sizes, double scale) : scale_(scale) {
    if (sizes.key == sizes.query) return;
    key_ = register_module("key",
                           std::make_shared<Linear>(sizes.key, sizes.query, LinearOptions{false}));
  }

  Tensor prepare(const Tensor& keys) const override { return key_ ? (*key_)(keys) : keys; }

  Tensor score(const Tensor& queries, const Tensor& prepared) const override {
    return torch::bmm(queries * scale_, prepared.transpose(1, 2));
  }

 private:
  double scale_;
  std::shared_ptr<Linear> key_;
};

// q^T W k (Luong et al., 2015, section 3.1).
class GeneralScore : public AttentionScore {
 public:
  explicit GeneralScore(const AttentionSizes& sizes)
      : key_(register_module(
            "key", std::make_shared<Linear>(sizes.key, sizes.query, LinearOptions{false}))) {}

  Tensor prepare(const Tensor& keys) const override { return (*key_)(keys); }

  Tensor score(const Tensor& queries, const Tensor& prepared) const override {
    return torch::bmm(queries, prepared.transpose(1, 2));
  }

 private:
  std::shared_ptr<Linear> key_;
};

// v^T tanh(W [q; k]) (Luong et al., 2015, section 3.1). W [q; k] is computed as Wq q + Wk k, so
// that the keys' part is done once a sentence; unlike additive there is no bias.
class ConcatScore : public AttentionScore {
 public:
  explicit ConcatScore(const AttentionSizes& sizes) : query_size_(sizes.query) {
    weight_ = make_matrix(*this, "weight", sizes.attention, sizes.query + sizes.key);
    energy_ = register_module("energy",
                              std::make_shared<Linear>(sizes.attention, 1, LinearOptions{false}));
  }

  Tensor prepare(const Tensor& keys) const override {
    return torch::linear(keys, weight_.slice(1, query_size_));
  }

  Tensor score(const Tensor& queries, const Tensor& prepared) const override {
    Tensor query = torch::linear(queries, weight_.slice(1, 0, query_size_));
    return (*energy_)(torch::tanh(query.unsqueeze(2) + prepared.unsqueeze(1))).squeeze(3);
  }

 private:
  int64_t query_size_;
  Tensor weight_;
  std::shared_ptr<Linear> energy_;
};

using ScoreMaker = std::function<std::shared_ptr<AttentionScore>(const AttentionSizes&)>;

// The kinds of model.attention_score.
const std::map<std::string, ScoreMaker>& score_table() {
  static const std::map<std::string, ScoreMaker> table = {
      {"additive", [](auto& sizes) { return std::make_shared<AdditiveScore>(sizes); }},
      {"dot", [](auto& sizes) { return std::make_shared<DotScore>(sizes, 1.0); }},
      {"scaled_dot",
       [](auto& sizes) {
         return std::make_shared<DotScore>(sizes,
                                           1.0 / std::sqrt(static_cast<double>(sizes.query)));
       }},
      {"general", [](auto& sizes) { return std::make_shared<GeneralScore>(sizes); }},
      {"concat", [](auto& sizes) { return std::make_shared<ConcatScore>(sizes); }},
  };
  return table;
}

using WeightsFunction = std::function<Tensor(const Tensor& scores)>;

// The kinds of model.attention_weights: scores [B, T, S] -> weights of the same shape.
const std::map<std::string, WeightsFunction>& weights_table() {
  static const std::map<std::string, WeightsFunction> table = {
      {"softmax", [](const Tensor& scores) { return torch::softmax(scores, -1); }},
  };
  return table;
}

template <typename Table>
const typename Table::mapped_type& look_up(const Table& table, const char* key,
                                           const std::string& kind) {
  auto row = table.find(kind);
  if (row == table.end()) fail_usage("[model] {} = {}: no such kind", key, kind);
  return row->second;
}

}  // namespace

std::shared_ptr<AttentionScore> make_attention_score(const std::string& kind,
                                                     const AttentionSizes& sizes) {
  return look_up(score_table(), "attention_score", kind)(sizes);
}

Attention::Attention(const ModelConfig& config, const AttentionSizes& sizes)
    : score_(register_module("score", make_attention_score(config.attention_score, sizes))),
      weights_(look_up(weights_table(), "attention_weights", config.attention_weights)),
      dropout_(config.attention_dropout) {
  if (config.attention_scope != "global") {
    fail_usage("[model] attention_scope = {}: no such kind", config.attention_scope);
  }
}

AttentionMemory Attention::prepare(const Tensor& values, const Tensor& padding) const {
  return {values, score_->prepare(values), padding};
}

AttentionResult Attention::operator()(const Tensor& queries, const AttentionMemory& memory) const {
  check_shape("attention queries", queries, {memory.values.size(0), -1, -1});
  Tensor scores = score_->score(queries, memory.prepared);
  if (memory.padding.defined()) scores = scores + memory.padding;
  Tensor weights = weights_(scores);
  return {torch::bmm(dropout(weights, dropout_, *this), memory.values), weights};
}

}  // namespace heed
