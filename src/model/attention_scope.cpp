#include "model/attention_scope.h"

#include "kernels/torch.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <map>

#include "kernels/dropout.h"
#include "model/layers.h"

namespace heed {
namespace {

constexpr double kMinusInfinity = -std::numeric_limits<double>::infinity();
// As good as -inf beside any score, and a soft-max over nothing else is still no NaN.
constexpr double kNever = -1e30;

// Real source lengths [N, 1, 1] in float32.
Tensor source_lengths(const ScopeInput& input) {
  if (input.padding.defined()) return (input.padding == 0).sum(-1, true).to(torch::kFloat32);
  return torch::full({1, 1, 1}, input.scores.size(2),
                     input.scores.options().dtype(torch::kFloat32));
}

// [S]: 0, 1, .. S - 1 in float32.
Tensor source_positions(const Tensor& scores) {
  return torch::arange(scores.size(2), scores.options().dtype(torch::kFloat32));
}

class GlobalScope : public AttentionScope {
 public:
  WeightsResult weigh(const ScopeInput& input, const AttentionWeights& weights,
                      Tensor&) const override {
    return weights(input.scores, phase());
  }
};

// A window of `window` positions on each side of a centre.
class LocalScope : public AttentionScope {
 public:
  explicit LocalScope(const ModelConfig& config) : window_(config.attention_window) {}

 protected:
  // distance [N, T, S] from the centre; outside of the window a score is -inf.
  Tensor within(const Tensor& scores, const Tensor& distance) const {
    return scores.masked_fill(distance.abs() > static_cast<double>(window_), kMinusInfinity);
  }
  int64_t window_;
};

// The centre is the target position itself, p_t = t, no later than the source's end (Luong et al.,
// 2015, section 3.2, local-m).
class MonotonicLocalScope : public LocalScope {
 public:
  using LocalScope::LocalScope;
  WeightsResult weigh(const ScopeInput& input, const AttentionWeights& weights,
                      Tensor&) const override {
    auto first = static_cast<float>(input.positions.first);
    Tensor centre = torch::full({1, input.scores.size(1), 1}, first,
                                input.scores.options().dtype(torch::kFloat32));
    if (input.positions.advancing) {
      centre = centre + torch::arange(centre.size(1), centre.options()).view({1, -1, 1});
    }
    centre = torch::minimum(centre, source_lengths(input) - 1);
    return weights(within(input.scores, source_positions(input.scores) - centre), phase());
  }
};

// The centre is predicted, p_t = S sigmoid(v^T tanh(W q)), and a Gaussian of deviation D / 2 around
// it multiplies the weights (Luong et al., 2015, equations 9 and 10, local-p). As in the paper they
// are not normalised again: what the Gaussian takes is gone.
class PredictiveLocalScope : public LocalScope {
 public:
  PredictiveLocalScope(const ModelConfig& config, const AttentionSizes& sizes)
      : LocalScope(config),
        hidden_(register_module(
            "hidden", std::make_shared<Linear>(sizes.query, sizes.inner, LinearOptions{false}))),
        position_(register_module(
            "position", std::make_shared<Linear>(sizes.inner, 1, LinearOptions{false}))) {}

  WeightsResult weigh(const ScopeInput& input, const AttentionWeights& weights,
                      Tensor&) const override {
    Tensor share = torch::sigmoid((*position_)(torch::tanh((*hidden_)(input.queries))));
    Tensor distance =
        source_positions(input.scores) - source_lengths(input) * share.to(torch::kFloat32);
    WeightsResult result = weights(within(input.scores, distance), phase());
    double deviation = static_cast<double>(window_) / 2;
    Tensor gaussian = torch::exp(distance.square() / (-2 * deviation * deviation));
    result.weights = result.weights * gaussian.to(result.weights.dtype());
    return result;
  }

 private:
  std::shared_ptr<Linear> hidden_, position_;
};

// Left to right only: from where the position before stopped, each source position is taken with
// probability sigmoid(score + r). In training the expected weights (Raffel et al., 2017, equations
// 8 to 11) with noise before the sigmoid; in evaluation the first position that is more likely
// taken than not (algorithm 1 there). The last position always stops (Ma et al., 2020, mass
// preservation), so that rows sum to 1.
//
// With a chunk of w > 1, a soft-max with scores of its own over the w positions that end where the
// scan stopped (MoChA; Chiu and Raffel, 2018, equations 19 to 25).
class MonotonicScope : public AttentionScope {
 public:
  MonotonicScope(const ModelConfig& config, const AttentionSizes& sizes)
      : chunk_(config.attention_chunk) {
    constexpr float kFirstBias = -1;  // begins by looking on rather than by stopping at once
    bias_ = make_parameter(*this, "bias", {1}, [](Tensor& bias) { bias.fill_(kFirstBias); });
    if (chunk_ > 1) {
      chunk_score_ =
          register_module("chunk_score", make_attention_score(config.attention_score, sizes));
    }
  }

  bool sequential() const override { return true; }

  Tensor prepare(const Tensor& keys, const Tensor& padding) const override {
    return chunk_score_ ? chunk_score_->prepare(keys, padding) : Tensor();
  }

  WeightsResult weigh(const ScopeInput& input, const AttentionWeights&,
                      Tensor& previous) const override {
    Tensor energy = (input.scores + bias_).to(torch::kFloat32);
    Tensor last = source_positions(input.scores) == source_lengths(input) - 1;
    Tensor stops =
        is_training() ? expected_stop(energy, last, previous) : first_stop(energy, last, previous);
    previous = stops;
    if (chunk_ == 1) return {stops.to(input.scores.dtype()), {}, {}};
    Tensor scores = chunk_score_->score(input.queries, input.memory).to(torch::kFloat32);
    if (input.padding.defined()) scores = scores.masked_fill(input.padding < 0, kNever);
    return {spread(stops, scores).to(input.scores.dtype()), {}, {}};
  }

 private:
  // alpha_j = p_j q_j, where q_j = (1 - p_{j-1}) q_{j-1} + before_j is the probability of having
  // come to j (equations 8 and 9): only sums and products of what lies between 0 and 1.
  Tensor expected_stop(const Tensor& energy, const Tensor& last, const Tensor& before) const {
    Tensor noise = torch::randn(energy.sizes(), kernels::next_generator(), torch::kFloat32)
                       .to(energy.device());
    Tensor noisy = energy + noise;
    Tensor stop = torch::sigmoid(noisy).masked_fill(last, 1);
    Tensor pass = torch::sigmoid(-noisy).masked_fill(last, 0);  // 1 - stop would be rounded
    return stop * arriving(pass, before);
  }

  // q_j = pass_{j-1} q_{j-1} + before_j, q_{-1} = 0. Each round joins twice as many positions to
  // what came before them (Hillis and Steele, 1986), and unlike quotients of products over all
  // positions it neither overflows nor divides by what has become 0.
  static Tensor arriving(const Tensor& pass, const Tensor& before) {
    int64_t length = pass.size(-1);
    auto shifted = [&](const Tensor& x, int64_t by) {
      return torch::constant_pad_nd(x.slice(-1, 0, length - by), {by, 0});
    };
    Tensor factor = shifted(pass, 1), sum = before;
    for (int64_t span = 1; span < length; span *= 2) {
      sum = sum + factor * shifted(sum, span);
      factor = factor * shifted(factor, span);
    }
    return sum;
  }

  static Tensor first_stop(const Tensor& energy, const Tensor& last, const Tensor& before) {
    Tensor reachable = before.cumsum(-1);
    Tensor candidates = torch::logical_or(energy > 0, last) * reachable;
    return candidates * (candidates.cumsum(-1) == 1);
  }

  // beta_j = sum_{k=j}^{j+w-1} alpha_k exp(u_j) / sum_{l=k-w+1}^{k} exp(u_l): a soft-max in each
  // window [k-w+1, k], and the windows' weights put back in their places.
  Tensor spread(const Tensor& stops, const Tensor& scores) const {
    int64_t length = scores.size(-1), width = std::min(chunk_, length);
    Tensor windows = torch::constant_pad_nd(scores, {width - 1, 0}, kNever).unfold(-1, width, 1);
    Tensor shares = torch::softmax(windows, -1) * stops.unsqueeze(-1);  // [N, T, S, w]
    // Rows that are one too long stand one further to the right each, in the view of their sum.
    int64_t reach = length + width - 1;
    Tensor rows = torch::constant_pad_nd(shares, {0, length}).flatten(-2);
    rows = rows.slice(-1, 0, length * reach).unflatten(-1, {length, reach});
    return rows.sum(-2).slice(-1, width - 1);
  }

  int64_t chunk_;
  Tensor bias_;  // r, [1]
  std::shared_ptr<AttentionScore> chunk_score_;
};

using ScopeMaker =
    std::function<std::shared_ptr<AttentionScope>(const ModelConfig&, const AttentionSizes&)>;

// The kinds of model.attention_scope.
const std::map<ScopeKind, ScopeMaker>& scope_table() {
  static const std::map<ScopeKind, ScopeMaker> table = {
      {ScopeKind("global"), [](auto&, auto&) { return std::make_shared<GlobalScope>(); }},
      {ScopeKind("local_m"),
       [](auto& config, auto&) { return std::make_shared<MonotonicLocalScope>(config); }},
      {ScopeKind("local_p"),
       [](auto& config, auto& sizes) {
         return std::make_shared<PredictiveLocalScope>(config, sizes);
       }},
      {ScopeKind("monotonic"),
       [](auto& config, auto& sizes) { return std::make_shared<MonotonicScope>(config, sizes); }},
  };
  return table;
}

}  // namespace

std::shared_ptr<AttentionScope> make_attention_scope(const ModelConfig& config,
                                                     const AttentionSizes& sizes) {
  return scope_table().at(config.attention_scope)(config, sizes);
}

}  // namespace heed
