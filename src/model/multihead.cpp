#include "model/multihead.h"

#include <cmath>

namespace heed {

MultiHead::MultiHead(const ModelConfig& config)
    : hidden_(config.hidden_size),
      heads_(config.heads),
      scale_(config.attention_score == "dot"
                 ? 1.0
                 : 1.0 / std::sqrt(static_cast<double>(config.hidden_size / config.heads))),
      dropout_(config.attention_dropout),
      output_(register_module("output", std::make_shared<Linear>(hidden_, hidden_))) {}

Tensor MultiHead::split_heads(const Tensor& x) const {
  int64_t batch = x.size(0), length = x.size(1);
  return x.view({batch, length, heads_, hidden_ / heads_})
      .transpose(1, 2)
      .reshape({batch * heads_, length, hidden_ / heads_});
}

MultiHeadResult MultiHead::attend(const Tensor& queries, const HeadMemory& memory,
                                  bool want_weights) const {
  int64_t batch = queries.size(0) / heads_, length = queries.size(1);
  Tensor scores = torch::bmm(queries, memory.keys.transpose(1, 2)).mul(scale_);
  scores = scores.view({batch, heads_, length, -1});
  if (memory.bias.defined()) scores = scores + memory.bias;
  Tensor weights = torch::softmax(scores, -1);
  Tensor context = torch::bmm(dropout(weights, dropout_, *this).view({batch * heads_, length, -1}),
                              memory.values);
  context =
      context.view({batch, heads_, length, -1}).transpose(1, 2).reshape({batch, length, hidden_});
  MultiHeadResult result{(*output_)(context), {}};
  if (want_weights) result.weights = weights.mean(1);
  return result;
}

SelfAttention::SelfAttention(const ModelConfig& config)
    : MultiHead(config),
      query_key_value_(
          register_module("query_key_value", std::make_shared<Linear>(hidden_, 3 * hidden_))) {}

Tensor SelfAttention::operator()(const Tensor& x, const Tensor& bias) const {
  auto parts = (*query_key_value_)(x).chunk(3, -1);
  HeadMemory memory{split_heads(parts[1]), split_heads(parts[2]), bias};
  return attend(split_heads(parts[0]), memory, false).output;
}

Tensor SelfAttention::step(const Tensor& x, Tensor& key_cache, Tensor& value_cache) const {
  int64_t rows = x.size(0);
  auto parts = (*query_key_value_)(x).view({rows, 3, heads_, 1, hidden_ / heads_}).unbind(1);
  key_cache = torch::cat({key_cache, parts[1]}, 2);
  value_cache = torch::cat({value_cache, parts[2]}, 2);
  HeadMemory memory{key_cache.flatten(0, 1), value_cache.flatten(0, 1), {}};
  return attend(parts[0].flatten(0, 1), memory, false).output;
}

Tensor SelfAttention::empty_cache(int64_t rows) const {
  return torch::empty({rows, heads_, 0, hidden_ / heads_}, query_key_value_->weight.options());
}

CrossAttention::CrossAttention(const ModelConfig& config)
    : MultiHead(config),
      query_(register_module("query", std::make_shared<Linear>(hidden_, hidden_))),
      key_value_(register_module("key_value", std::make_shared<Linear>(hidden_, 2 * hidden_))) {}

HeadMemory CrossAttention::prepare(const Tensor& states, const Tensor& padding) const {
  auto parts = (*key_value_)(states).chunk(2, -1);
  Tensor bias = padding.defined() ? padding.unsqueeze(1) : Tensor();
  return {split_heads(parts[0]), split_heads(parts[1]), bias};
}

Tensor CrossAttention::operator()(const Tensor& x, const HeadMemory& memory) const {
  return attend(split_heads((*query_)(x)), memory, false).output;
}

MultiHeadResult CrossAttention::with_weights(const Tensor& x, const HeadMemory& memory) const {
  return attend(split_heads((*query_)(x)), memory, true);
}

}  // namespace heed
