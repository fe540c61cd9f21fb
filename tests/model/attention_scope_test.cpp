#include "model/attention_scope.h"

#include <gtest/gtest.h>

#include <cmath>

#include "kernels/dropout.h"
#include "model/golden.h"
#include "model/tiny_model.h"

namespace heed {
namespace {

using golden::expect_close;

constexpr int64_t kLongest = 9;
const std::vector<int64_t> kLengths = {9, 4, 1};

// Three sentences of random queries [3, T, 4] and scores [3, T, 9].
struct Inputs {
  Tensor queries, scores, padding, keys;
};

Inputs random_inputs(int64_t steps, uint64_t seed) {
  torch::manual_seed(seed);
  Inputs in{torch::randn({3, steps, 4}), torch::randn({3, steps, kLongest}),
            torch::zeros({3, 1, kLongest}), torch::randn({3, kLongest, 4})};
  for (int64_t row = 0; row < 3; ++row) {
    in.padding[row].slice(1, kLengths[row]).fill_(-std::numeric_limits<float>::infinity());
  }
  in.scores = in.scores + in.padding;
  return in;
}

ModelConfig scope_config(const std::string& scope, int64_t window_or_chunk) {
  ModelConfig config = tiny::recurrent_config();
  config.attention_scope = *config.attention_scope.find(scope);
  config.attention_window = config.attention_chunk = window_or_chunk;
  config.attention_score = "scaled_dot";
  return config;
}

struct Weigher {
  explicit Weigher(const ModelConfig& config)
      : scope(make_attention_scope(config, {4, 4, 4})),
        weights(make_attention_weights(config.attention_weights, config)) {
    scope->eval();
  }
  Tensor operator()(const Inputs& in, TargetPositions positions, Tensor previous = {}) const {
    Tensor memory = scope->prepare(in.keys, in.padding);
    return scope->weigh({in.queries, in.scores, memory, in.padding, positions}, *weights, previous)
        .weights;
  }
  std::shared_ptr<AttentionScope> scope;
  std::unique_ptr<AttentionWeights> weights;
};

// Soft-max of a row of scores over the positions for which `seen` holds.
template <typename Seen>
std::vector<double> softmax_where(const Tensor& scores, int64_t length, Seen seen) {
  std::vector<double> weights(kLongest, 0);
  double sum = 0;
  for (int64_t s = 0; s < length; ++s) {
    if (seen(s)) sum += weights[s] = std::exp(scores[s].item<double>());
  }
  for (double& weight : weights) weight /= sum;
  return weights;
}

void expect_row(const Tensor& actual, const std::vector<double>& expected) {
  expect_close(actual, torch::tensor(expected).to(torch::kFloat32), 1e-5);
}

TEST(LocalScopeTest, LocalMSeesAWindowAroundItsOwnPosition) {
  Weigher weigh(scope_config("local_m", 2));
  Inputs in = random_inputs(8, 1);
  Tensor whole = weigh(in, {0, true});
  for (int64_t row = 0; row < 3; ++row) {
    for (int64_t t = 0; t < 8; ++t) {
      int64_t centre = std::min(t, kLengths[row] - 1);
      expect_row(whole[row][t], softmax_where(in.scores[row][t], kLengths[row], [&](int64_t s) {
                   return std::abs(s - centre) <= 2;
                 }));
    }
  }
  // In a step all queries stand at the same position.
  Tensor step = weigh(in, {5, false});
  expect_close(step.select(1, 5), whole.select(1, 5), 1e-6);
  EXPECT_EQ(step[0][0].slice(0, 0, 3).sum().item<float>(), 0.0f);
}

TEST(LocalScopeTest, LocalPEqualsEquations9And10) {
  Weigher weigh(scope_config("local_p", 3));
  Inputs in = random_inputs(4, 2);
  auto parameters = weigh.scope->named_parameters();
  Tensor whole = weigh(in, {0, true});
  for (int64_t row = 0; row < 3; ++row) {
    for (int64_t t = 0; t < 4; ++t) {
      Tensor hidden = torch::tanh(torch::mv(parameters["hidden.weight"], in.queries[row][t]));
      double share =
          torch::sigmoid(torch::mv(parameters["position.weight"], hidden)).item<double>();
      double centre = static_cast<double>(kLengths[row]) * share;
      auto expected = softmax_where(in.scores[row][t], kLengths[row], [&](int64_t s) {
        return std::abs(static_cast<double>(s) - centre) <= 3;
      });
      for (int64_t s = 0; s < kLongest; ++s) {
        double distance = static_cast<double>(s) - centre;
        expected[s] *= std::exp(-distance * distance / (2 * 1.5 * 1.5));
      }
      expect_row(whole[row][t], expected);
    }
  }
}

// Where each row stands before the first piece.
Tensor at_the_start() {
  Tensor previous = torch::zeros({3, 1, kLongest});
  previous.select(2, 0).fill_(1);
  return previous;
}

Inputs one_step(const Inputs& in, int64_t t) {
  return {in.queries.slice(1, t, t + 1), in.scores.slice(1, t, t + 1), in.padding, in.keys};
}

TEST(MonotonicScopeTest, DecodingStopsAtTheFirstLikelyPositionFromWhereItStood) {
  Weigher weigh(scope_config("monotonic", 1));
  float bias = weigh.scope->named_parameters()["bias"].item<float>();
  Inputs in = random_inputs(6, 3);
  Tensor previous = at_the_start();
  std::vector<int64_t> stands(3, 0);
  for (int64_t t = 0; t < 6; ++t) {
    previous = weigh(one_step(in, t), {t, false}, previous);
    for (int64_t row = 0; row < 3; ++row) {
      while (stands[row] < kLengths[row] - 1 &&
             in.scores[row][t][stands[row]].item<float>() + bias <= 0) {
        ++stands[row];
      }
      std::vector<double> expected(kLongest, 0);
      expected[stands[row]] = 1;
      expect_row(previous[row][0], expected);
    }
  }
  EXPECT_GT(stands[0], 0);
}

// Probabilities of stopping [S] given those of the position before: the recurrence of Raffel et
// al. (2017), equations 8 and 9, position by position.
std::vector<double> expected_stops(const std::vector<double>& stop,
                                   const std::vector<double>& before) {
  std::vector<double> alpha(stop.size());
  double arriving = 0;
  for (size_t j = 0; j < stop.size(); ++j) {
    arriving = (j == 0 ? 0 : arriving * (1 - stop[j - 1])) + before[j];
    alpha[j] = stop[j] * arriving;
  }
  return alpha;
}

std::vector<double> to_vector(const Tensor& row) {
  Tensor x = row.to(torch::kFloat64).contiguous();
  return {x.const_data_ptr<double>(), x.const_data_ptr<double>() + x.numel()};
}

TEST(MonotonicScopeTest, TrainingUsesTheExpectedWeights) {
  Weigher weigh(scope_config("monotonic", 1));
  weigh.scope->train();
  float bias = weigh.scope->named_parameters()["bias"].item<float>();
  Inputs in = random_inputs(5, 4);
  Tensor previous = at_the_start();
  for (int64_t t = 0; t < 5; ++t) {
    kernels::dropout_state() = {11, static_cast<uint64_t>(t)};
    Tensor noise = torch::randn({3, 1, kLongest}, kernels::next_generator());
    kernels::dropout_state() = {11, static_cast<uint64_t>(t)};
    Tensor now = weigh(one_step(in, t), {t, false}, previous);
    Tensor stop = torch::sigmoid(in.scores.slice(1, t, t + 1) + bias + noise);
    for (int64_t row = 0; row < 3; ++row) {
      auto stops = to_vector(stop[row][0]);
      stops[kLengths[row] - 1] = 1;
      expect_row(now[row][0], expected_stops(stops, to_vector(previous[row][0])));
    }
    expect_close(now.sum(-1), torch::ones({3, 1}), 1e-5);
    previous = now;
  }
}

// A single row of `energies` and where the position before stood, through the scope in training.
// Its noise and bias are taken out of the scores, so that energies are what goes into the sigmoid.
struct ExactCase {
  std::vector<double> energies, before;
  int64_t chunk = 1;
};

Tensor weights_of(const ExactCase& one, std::vector<double>& stops) {
  Weigher weigh(scope_config("monotonic", one.chunk));
  weigh.scope->train();
  auto length = static_cast<int64_t>(one.energies.size());
  kernels::dropout_state() = {21, 0};
  Tensor noise = torch::randn({1, 1, length}, kernels::next_generator());
  kernels::dropout_state() = {21, 0};
  float bias = weigh.scope->named_parameters()["bias"].item<float>();
  Tensor scores = torch::tensor(one.energies).to(torch::kFloat32).view({1, 1, -1}) - noise - bias;
  stops = to_vector(torch::sigmoid((scores + bias + noise).to(torch::kFloat64)).flatten());
  stops.back() = 1;
  Inputs in{torch::zeros({1, 1, 4}), scores, Tensor(), torch::randn({1, length, 4})};
  Tensor previous = torch::tensor(one.before).to(torch::kFloat32).view({1, 1, -1});
  return weigh(in, {0, false}, previous);
}

void expect_exact(const ExactCase& one) {
  std::vector<double> stops;
  Tensor found = weights_of(one, stops);
  std::vector<double> expected = expected_stops(stops, one.before);
  expect_close(found.flatten(), torch::tensor(expected).to(torch::kFloat32), 5e-6);
  EXPECT_NEAR(found.sum().item<double>(), 1, 1e-5);
}

std::vector<double> standing_at(int64_t place, int64_t length) {
  std::vector<double> before(length, 0);
  before[place] = 1;
  return before;
}

// The products over what passes are tiny there: a quotient of two of them would be of rounding
// alone.
TEST(MonotonicScopeTest, ExpectedWeightsAreExactBehindPositionsThatStopAlmostAll) {
  std::vector<double> energies(10, -1);
  energies[0] = energies[1] = energies[2] = 8;
  expect_exact({energies, standing_at(3, 10)});
  std::vector<double> everywhere(10, 0.1);
  expect_exact({energies, everywhere});
}

TEST(MonotonicScopeTest, ExpectedWeightsAreExactInLongSources) {
  for (int64_t length : {1, 2, 3, 100, 1000}) {
    for (double energy : {-20.0, -1.0, 0.0, 3.0, 20.0}) {
      std::vector<double> energies(length, energy);
      expect_exact({energies, standing_at(length * 4 / 5, length)});
      expect_exact({energies, std::vector<double>(length, 1.0 / static_cast<double>(length))});
    }
  }
  torch::manual_seed(8);
  auto energies = to_vector(torch::randn({1000}) * 10);
  expect_exact({energies, to_vector(torch::softmax(torch::randn({1000}), 0))});
}

TEST(MonotonicScopeTest, GradientsStayFiniteInLongSources) {
  Weigher weigh(scope_config("monotonic", 3));
  weigh.scope->train();
  torch::manual_seed(9);
  Tensor scores = (torch::randn({1, 1, 1000}) * 20).requires_grad_();
  Inputs in{torch::randn({1, 1, 4}), scores, Tensor(), torch::randn({1, 1000, 4}) * 100};
  Tensor previous = torch::full({1, 1, 1000}, 1e-3);
  Tensor weights = weigh(in, {0, false}, previous);
  EXPECT_NEAR(weights.sum().item<double>(), 1, 1e-5);
  (weights * torch::arange(1000)).sum().backward();
  EXPECT_TRUE(torch::isfinite(scores.grad()).all().item<bool>());
  EXPECT_GT(scores.grad().abs().max().item<double>(), 0);
}

TEST(MonotonicScopeTest, NeverMovesBack) {
  Weigher weigh(scope_config("monotonic", 1));
  Inputs in = random_inputs(8, 5);
  Tensor previous = at_the_start();
  Tensor stood = previous.argmax(-1);
  for (int64_t t = 0; t < 8; ++t) {
    previous = weigh(one_step(in, t), {t, false}, previous);
    Tensor stands = previous.argmax(-1);
    EXPECT_TRUE((stands >= stood).all().item<bool>());
    stood = stands;
  }
}

// MoChA: beta_j = sum_{k=j}^{j+w-1} alpha_k exp(u_j) / sum_{l=k-w+1}^{k} exp(u_l), term by term.
TEST(MonotonicScopeTest, ChunksSpreadWhereTheScanStops) {
  constexpr int64_t kWidth = 3;
  Weigher chunk(scope_config("monotonic", kWidth)), alone(scope_config("monotonic", 1));
  Inputs in = random_inputs(1, 6);
  in.keys = in.keys * 30;  // scores so far apart that many windows are nothing beside the largest
  for (bool training : {true, false}) {
    chunk.scope->train(training);
    alone.scope->train(training);
    kernels::dropout_state() = {12, 0};
    Tensor beta = chunk(in, {0, false}, at_the_start());
    kernels::dropout_state() = {12, 0};
    Tensor alpha = alone(in, {0, false}, at_the_start());
    Tensor energy = torch::bmm(in.queries, in.keys.transpose(1, 2)) / 2.0;  // scaled_dot
    for (int64_t row = 0; row < 3; ++row) {
      auto a = to_vector(alpha[row][0]), u = to_vector(energy[row][0]);
      std::vector<double> expected(kLongest, 0);
      for (int64_t k = 0; k < kLengths[row]; ++k) {
        double sum = 0;
        int64_t first = std::max<int64_t>(0, k - kWidth + 1);
        for (int64_t l = first; l <= k; ++l) sum += std::exp(u[l] - u[k]);
        for (int64_t j = first; j <= k; ++j) {
          expected[j] += a[k] * std::exp(u[j] - u[k]) / sum;
        }
      }
      expect_row(beta[row][0], expected);
    }
  }
}

TEST(MonotonicScopeTest, GradientsEqualDifferences) {
  Weigher weigh(scope_config("monotonic", 2));
  weigh.scope->train();
  Inputs in = random_inputs(1, 7);
  Tensor direction = torch::randn({3, 1, kLongest});
  auto value = [&](const Tensor& scores) {
    kernels::dropout_state() = {13, 0};
    Inputs moved = in;
    moved.scores = scores;
    return (weigh(moved, {0, false}, at_the_start()) * direction).sum();
  };
  Tensor scores = in.scores.clone().requires_grad_();
  value(scores).backward();
  Tensor step = torch::randn({3, 1, kLongest}) * 1e-2;
  torch::NoGradGuard no_gradient;
  double rise = (value(in.scores + step) - value(in.scores - step)).item<double>() / 2;
  EXPECT_NEAR((scores.grad() * step).sum().item<double>(), rise, 2e-4);
}

}  // namespace
}  // namespace heed
