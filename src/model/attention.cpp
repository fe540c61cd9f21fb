#include "model/attention.h"

#include <cmath>

#include "kernels/heads.h"
#include "kernels/shared_gradient.h"
#include "kernels/short_attention.h"
#include "kernels/simd.h"
#include "kernels/soft_attention.h"

namespace heed {
namespace {

// [R, A, S] with R = B * K -> [B * A, K, S], and back.
Tensor by_head(const Tensor& rows, int64_t batch) {
  if (!rows.defined()) return {};
  int64_t heads = rows.size(1), length = rows.size(2);
  return rows.view({batch, -1, heads, length}).transpose(1, 2).reshape({batch * heads, -1, length});
}
Tensor by_row(const Tensor& x, int64_t batch) {
  if (!x.defined()) return {};
  int64_t beam = x.size(1), length = x.size(2);
  return x.view({batch, -1, beam, length}).transpose(1, 2).reshape({batch * beam, -1, length});
}

// [B * A, T] -> [B, T], added up.
Tensor sum_heads(const Tensor& x, int64_t heads) {
  return x.defined() ? x.view({-1, heads, x.size(1)}).sum(1) : Tensor();
}

// What a soft-max over products of projections scales them by, 0 for other scores.
double plain_scale(const ModelConfig& config, const AttentionShape& shape) {
  if (!shape.projected) return 0;
  if (config.attention_score == "dot") return 1;
  if (config.attention_score != "scaled_dot") return 0;
  return 1 / std::sqrt(static_cast<double>(shape.query / shape.heads));
}

}  // namespace

void AttentionMemory::keep(const Tensor& kept) {
  if (keys.defined()) {
    sentences = sentences.index_select(0, kept);
    return;
  }
  for (Tensor* x : {&values, &prepared, &scope, &padding}) {
    if (x->defined()) *x = x->index_select(0, kept);
  }
}

void AttentionState::keep(const Tensor& rows) {
  for (Tensor* x : {&previous, &coverage}) {
    if (x->defined()) *x = x->index_select(0, rows);
  }
}

Tensor join_steps(const std::vector<AttentionResult>& steps, Tensor AttentionResult::*part,
                  int64_t dimension) {
  std::vector<Tensor> parts;
  for (const AttentionResult& step : steps) {
    if (!(step.*part).defined()) return {};
    parts.push_back(step.*part);
  }
  return torch::cat(parts, dimension);
}

Attention::Attention(const ModelConfig& config, const AttentionShape& shape)
    : heads_(shape.heads),
      dropout_(config.attention_dropout),
      coverage_(config.coverage),
      soft_and_global_(config.attention_scope == "global" &&
                       config.attention_weights == "softmax" && !config.coverage),
      plain_scale_(soft_and_global_ ? plain_scale(config, shape) : 0) {
  AttentionSizes sizes{shape.query / heads_, shape.key, config.attention_size, config.coverage};
  if (shape.projected) {
    query_ = register_module("query", std::make_shared<Linear>(shape.query, shape.query));
    key_value_ = register_module("key_value", std::make_shared<Linear>(shape.key, 2 * shape.query));
    output_ = register_module("output", std::make_shared<Linear>(shape.query, shape.query));
    sizes.key = sizes.query;
  }
  if (sizes.inner == 0) sizes.inner = sizes.query;
  score_ = register_module("score", make_attention_score(config.attention_score, sizes));
  scope_ = register_module("scope", make_attention_scope(config, sizes));
  weights_ = make_attention_weights(config.attention_weights, config);
}

AttentionMemory Attention::prepare(const Tensor& states, const Tensor& padding) const {
  Tensor keys = states, values = states, head_padding = padding;
  if (key_value_) {
    auto parts = (*key_value_)(states).chunk(2, -1);
    keys = split_heads(parts[0], heads_);
    values = split_heads(parts[1], heads_);
    if (padding.defined()) head_padding = padding.repeat_interleave(heads_, 0);
  }
  int64_t batch = states.size(0);
  auto by_sentence = [&](const Tensor& x) {
    return x.defined() ? x.view({batch, heads_, x.size(1), x.size(2)}) : Tensor();
  };
  return {by_sentence(values),
          by_sentence(score_->prepare(keys, head_padding)),
          by_sentence(scope_->prepare(keys, head_padding)),
          padding.defined() ? padding.unsqueeze(1) : Tensor(),
          {},
          {}};
}

AttentionMemory Attention::prepare_steps(const Tensor& states, const Tensor& padding) const {
  bool has_kernel = soft_and_global_ && !score_->energy().defined() && kernels::takes_steps(states);
  if (!has_kernel) return prepare(states, padding);
  AttentionMemory memory;
  if (is_plain()) {  // the score leaves keys as they are: no copy in between
    Tensor both = (*key_value_)(states).view({states.size(0), states.size(1), 2, heads_, -1});
    memory.keys = kernels::keys_for_steps(both.select(2, 0).transpose(1, 2));
    memory.values = both.select(2, 1).transpose(1, 2).contiguous();
    if (padding.defined()) memory.padding = padding.unsqueeze(1);
  } else {
    memory = prepare(states, padding);
    memory.values = memory.values.contiguous();
    memory.keys = kernels::keys_for_steps(memory.prepared);
    memory.prepared = Tensor();
  }
  memory.sentences = torch::arange(states.size(0), torch::kInt32);
  return memory;
}

AttentionState Attention::start(const AttentionMemory& memory) const {
  AttentionState state;
  const Tensor& values = memory.values;
  Tensor zeros;
  if (coverage_ || scope_->sequential()) {
    // In float32: what is added at each of many positions would drown in bfloat16's rounding.
    zeros = torch::zeros({memory.batch(), heads_, values.size(2)},
                         values.options().dtype(torch::kFloat32));
  }
  if (coverage_) state.coverage = zeros;
  if (scope_->sequential()) {
    state.previous = zeros.clone();  // at the first source position
    state.previous.select(2, 0).fill_(1);
  }
  return state;
}

std::optional<kernels::StepAttention> Attention::packed_step() const {
  AttentionScore::QueryPart query = score_->plain_query();
  Tensor energy = score_->energy();
  if (!soft_and_global_ || query.scale == 0 || (energy.defined() && heads_ > 1)) return {};
  bool packed = true;
  auto layer = [&](const Linear* linear) {
    packed = packed && (linear == nullptr || linear->packed() != nullptr);
    return linear ? linear->packed() : nullptr;
  };
  kernels::StepAttention step{.projection = layer(query_.get()),
                              .score_query = layer(query.layer),
                              .scale = static_cast<float>(query.scale),
                              .energy = energy.defined() ? energy.const_data_ptr<float>() : nullptr,
                              .heads = heads_,
                              .output = layer(output_.get())};
  return packed ? std::optional(step) : std::nullopt;
}

Tensor Attention::project(const Tensor& queries) const {
  return query_ ? split_heads((*query_)(queries), heads_) : queries;
}

AttentionResult Attention::weigh(const Tensor& queries, const AttentionMemory& memory,
                                 TargetPositions positions, Tensor& previous,
                                 Tensor& coverage) const {
  Tensor covered = coverage.defined() ? coverage.to(queries.dtype()) : coverage;
  Tensor scores = score_->score(queries, memory.prepared.flatten(0, 1), covered);
  Tensor padding;
  if (memory.padding.defined()) {
    padding = memory.padding.expand({-1, heads_, -1, -1}).reshape({-1, 1, scores.size(2)});
    scores = scores + padding;
  }
  Tensor scope = memory.scope.defined() ? memory.scope.flatten(0, 1) : Tensor();
  WeightsResult result =
      scope_->weigh({queries, scores, scope, padding, positions}, *weights_, previous);
  const Tensor& weights = result.weights;
  AttentionResult out;
  out.context = torch::bmm(dropout(weights, dropout_, *this), memory.values.flatten(0, 1));
  out.weights = weights;
  out.log_probability = sum_heads(result.log_probability, heads_);
  out.entropy = sum_heads(result.entropy, heads_);
  if (coverage.defined()) {
    Tensor wide = weights.to(torch::kFloat32);
    out.coverage_loss = sum_heads(torch::minimum(wide, coverage).sum(-1), heads_);
    coverage = coverage + wide;
  }
  return out;
}

// Many products at once are faster by LibTorch's own batched ones.
bool Attention::has_fused(const Tensor& queries) const {
  bool pays = score_->energy().defined() || queries.size(1) == 1;
  return pays && soft_and_global_ && kernels::has_kernel(queries) &&
         !(is_training() && dropout_ > 0);
}

AttentionResult Attention::weigh_fused(const Tensor& queries, const AttentionMemory& memory) const {
  auto [context, weights] =
      kernels::soft_attention({score_->query_part(queries), memory.prepared, memory.values,
                               memory.padding, score_->energy()});
  AttentionResult out;
  out.context = context;
  out.weights = weights;
  return out;
}

AttentionResult Attention::attend(const Tensor& queries, const AttentionMemory& memory,
                                  TargetPositions positions, Tensor& previous,
                                  Tensor& coverage) const {
  AttentionResult out = has_fused(queries) ? weigh_fused(queries, memory)
                                           : weigh(queries, memory, positions, previous, coverage);
  out.context = merge_heads(out.context, heads_);
  if (output_) out.context = (*output_)(out.context);
  out.weights = out.weights.view({memory.values.size(0), heads_, queries.size(1), -1});
  return out;
}

AttentionResult Attention::operator()(const Tensor& queries, const AttentionMemory& memory) const {
  check_shape("attention queries", queries, {memory.values.size(0), -1, -1});
  AttentionState state = start(memory);
  if (!scope_->sequential() && !coverage_) {
    return attend(project(queries), memory, {}, state.previous, state.coverage);
  }
  kernels::SharedGradients over_steps;
  std::vector<AttentionResult> steps;
  for (int64_t t = 0; t < queries.size(1); ++t) {
    steps.push_back(step(queries.slice(1, t, t + 1), memory, t, state));
  }
  return {join_steps(steps, &AttentionResult::context, 1),
          join_steps(steps, &AttentionResult::weights, 2),
          join_steps(steps, &AttentionResult::log_probability, 1),
          join_steps(steps, &AttentionResult::entropy, 1),
          join_steps(steps, &AttentionResult::coverage_loss, 1)};
}

Tensor Attention::context(const Tensor& queries, const Tensor& states,
                          const Tensor& padding) const {
  check_shape("attention queries", queries, {states.size(0), -1, -1});
  Tensor bias = padding.defined() ? padding.unsqueeze(1) : Tensor();
  double p = is_training() ? dropout_ : 0;
  return (*output_)(kernels::attention({(*query_)(queries), (*key_value_)(states)}, bias,
                                       {heads_, plain_scale_, p}));
}

AttentionResult Attention::plain_step(const Tensor& queries, const AttentionMemory& memory) const {
  Tensor projected = query_ ? (*query_)(queries) : queries;  // [B, K, H]
  Tensor factor = score_->query_part(projected.view({-1, projected.size(2) / heads_}));
  auto found = kernels::source_attention_step(
      factor.view({-1, heads_ * factor.size(1)}),
      {memory.keys, memory.values, memory.padding, memory.sentences}, {heads_, /*scale=*/1.0});
  AttentionResult result;
  result.context = found.context.view({queries.size(0), queries.size(1), -1});
  if (output_) result.context = (*output_)(result.context);
  result.weights = found.weights;
  return result;
}

AttentionResult Attention::step(const Tensor& queries, const AttentionMemory& memory,
                                int64_t position, AttentionState& state) const {
  int64_t batch = memory.batch();
  check_shape("attention queries", queries, {batch, -1, -1});
  if (memory.keys.defined()) return plain_step(queries, memory);
  Tensor previous = by_head(state.previous, batch), coverage = by_head(state.coverage, batch);
  AttentionResult result = attend(project(queries), memory, {position, false}, previous, coverage);
  state = {by_row(previous, batch), by_row(coverage, batch)};
  return result;
}

}  // namespace heed
