// How well a key fits a query: the kinds of model.attention_score.
#pragma once

#include <torch/nn/module.h>

#include <memory>
#include <string>

#include "model/layers.h"
#include "model/seq2seq.h"

namespace heed {

struct AttentionSizes {
  int64_t query;  // Hq, width of queries
  int64_t key;    // Hk, width of keys
  int64_t inner;  // width of the hidden layer of additive, concat and tri; rank of trilinear
  bool coverage = false;  // whether scores depend on the attention given so far
};

// score(query, key). Each kind is one class in attention_score.cpp and one row of the table there.
// N is B, or B * A where heads have scores of their own. Without coverage every kind is one of two
// forms, which the fused kernel (kernels/soft_attention.h) knows: query part . prepared key, or,
// where there is an energy, energy . tanh(query part + prepared key).
class AttentionScore : public torch::nn::Module {
 public:
  // What depends on the source alone: keys [N, S, Hk], padding [N, 1, S] (0 or -inf, may be
  // undefined) -> [N, S, *], computed once a sentence.
  virtual Tensor prepare(const Tensor& keys, const Tensor& padding) const = 0;
  // queries [N, T, Hq], prepared keys, coverage [N, T, S] (undefined where sizes.coverage is
  // false) -> scores [N, T, S]
  virtual Tensor score(const Tensor& queries, const Tensor& prepared,
                       const Tensor& coverage = {}) const = 0;
  virtual Tensor query_part(const Tensor& queries) const = 0;  // [N, T, Hq] -> [N, T, D]
  virtual Tensor energy() const { return {}; }                 // [1, D]
  // How query_part() comes from a query: by a layer, or by none, and times a number; 0: otherwise.
  struct QueryPart {
    double scale = 0;
    const Linear* layer = nullptr;
  };
  virtual QueryPart plain_query() const { return {}; }
};

// The one of model.attention_score.
std::shared_ptr<AttentionScore> make_attention_score(ScoreKind kind, const AttentionSizes& sizes);

}  // namespace heed
