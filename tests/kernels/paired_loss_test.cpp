#include "kernels/paired_loss.h"

#include <cmath>

#include "kernels/kernel_check.h"
#include "kernels/projection_loss.h"

namespace heed::kernels {
namespace {

using kernel_check::Tensors;

constexpr PairWeights kAll{0.7, 0.4, 1.5, 0.9};

struct Sizes {
  int64_t rows, hidden, vocabulary;
};

// States, weight and bias.
Tensors random_inputs(const Sizes& sizes) {
  torch::manual_seed(static_cast<uint64_t>(sizes.rows + sizes.vocabulary));
  return {at::randn({2 * sizes.rows, sizes.hidden}), at::randn({sizes.vocabulary, sizes.hidden}),
          at::randn({sizes.vocabulary})};
}

using Kernel = PairedLoss(const at::Tensor&, const at::Tensor&, const at::Tensor&,
                          const at::Tensor&, double, const PairWeights&);

kernel_check::Function with(Kernel* kernel, const at::Tensor& targets, double smoothing,
                            const PairWeights& weights) {
  return [=](const Tensors& x) {
    return Tensors{kernel(x[0], x[1], x[2], targets, smoothing, weights).sum};
  };
}

TEST(PairedLoss, AgreesWithTheReference) {
  torch::manual_seed(23);
  for (const Sizes& sizes : {Sizes{1, 8, 12}, {3, 8, 17}, {6, 8, 48}, {130, 16, 100}}) {
    at::Tensor targets = at::randint(sizes.vocabulary, {sizes.rows}, at::kLong);
    for (const PairWeights& weights : {PairWeights{}, PairWeights{1, 0, 2, 0}, kAll}) {
      SCOPED_TRACE(::testing::Message() << sizes.rows << " rows, " << weights.forward);
      kernel_check::expect_agreement(with(paired_loss, targets, 0.1, weights),
                                     with(paired_loss_reference, targets, 0.1, weights),
                                     random_inputs(sizes));
    }
  }
}

// By the sums of the definition, a number at a time.
TEST(PairedLoss, IsWhatItsDefinitionSays) {
  Tensors x = random_inputs({2, 3, 5});
  at::Tensor targets = torch::tensor(std::vector<int64_t>{4, 0});
  at::Tensor logits = at::linear(x[0], x[1], x[2]).to(at::kDouble);
  double expected = 0, smoothed_sum = 0;
  constexpr double kSmoothing = 0.2;
  for (int64_t row : {0, 1}) {
    double log_p[2][5], entropies[2];
    for (int64_t pass : {0, 1}) {
      double sum = 0;
      for (int64_t i = 0; i < 5; ++i) sum += std::exp(logits[2 * pass + row][i].item<double>());
      entropies[pass] = 0;
      for (int64_t i = 0; i < 5; ++i) {
        log_p[pass][i] = logits[2 * pass + row][i].item<double>() - std::log(sum);
        bool right = i == targets[row].item<int64_t>();
        entropies[pass] -= (kSmoothing / 5 + (right ? 1 - kSmoothing : 0)) * log_p[pass][i];
      }
    }
    smoothed_sum += kAll.first * entropies[0] + kAll.second * entropies[1];
    for (int64_t i = 0; i < 5; ++i) {
      double difference = log_p[0][i] - log_p[1][i];
      expected += kAll.forward * std::exp(log_p[0][i]) * difference -
                  kAll.backward * std::exp(log_p[1][i]) * difference;
    }
  }
  for (Kernel* kernel : {paired_loss, paired_loss_reference}) {
    PairedLoss loss = kernel(x[0], x[1], x[2], targets, kSmoothing, kAll);
    EXPECT_NEAR(loss.smoothed_sum, smoothed_sum, 1e-5);
    EXPECT_NEAR(loss.sum.item<double>(), smoothed_sum + expected, 1e-5);
  }
}

TEST(PairedLoss, OfTwoEqualPassesIsTheLossOfOne) {
  Tensors x = random_inputs({40, 6, 50});
  at::Tensor half = x[0].slice(0, 0, 40), targets = at::randint(50, {40}, at::kLong);
  PairedLoss pair = paired_loss(at::cat({half, half}), x[1], x[2], targets, 0.1, {0.5, 0.5, 3, 3});
  ProjectionLoss one = projection_loss(half, x[1], x[2], targets, 0.1);
  EXPECT_NEAR(pair.sum.item<double>(), one.smoothed_sum.item<double>(), 1e-3);
  EXPECT_NEAR(pair.smoothed_sum, one.smoothed_sum.item<double>(), 1e-3);
  kernel_check::expect_near({pair.log_likelihood},
                            {at::cat({one.log_likelihood, one.log_likelihood})}, 1e-6);
}

}  // namespace
}  // namespace heed::kernels
