#include "kernels/update.h"

#include <gtest/gtest.h>

#include <numeric>

#include "kernels/torch.h"
#include "util/tree_sum.h"

namespace heed::kernels {
namespace {

using at::Tensor;

// Sizes below, at and beyond a block, and none that vectors divide.
const std::vector<int64_t> kSizes = {1, 16, 4096, 4099, 70001};

double total(const std::vector<double>& norms) {
  return std::accumulate(norms.begin(), norms.end(), 0.0);
}

TEST(SumGradients, AddsAllAndClearsThem) {
  for (int64_t size : kSizes) {
    for (auto type : {at::kFloat, at::kBFloat16}) {
      torch::manual_seed(size);
      Tensor sum = torch::randn({size}), expected = sum.clone();
      std::vector<Tensor> gradients, same;
      for (int i = 0; i < 3; ++i) {
        gradients.push_back(torch::randn({size}).to(type));
        same.push_back(gradients.back().clone());
      }
      double norm = total(sum_gradients(sum, gradients));
      double expected_norm = total(sum_gradients_reference(expected, same));
      EXPECT_TRUE(sum.equal(expected));
      EXPECT_EQ(total(sum_gradients(sum, {})), norm);
      EXPECT_NEAR(norm, expected_norm, 1e-5 * expected_norm);
      for (const Tensor& gradient : gradients) EXPECT_EQ(gradient.abs().sum().item<double>(), 0);
    }
  }
}

TEST(SumGradients, TellsOfWhatIsNotFinite) {
  for (float value : {std::numeric_limits<float>::infinity(), std::nanf("")}) {
    Tensor sum = torch::zeros({100}), gradient = torch::ones({100});
    gradient[57] = value;
    EXPECT_FALSE(std::isfinite(total(sum_gradients(sum, {gradient}))));
  }
}

// Two processes of two replicas, or of four replicas of eight, get what one process gets.
TEST(SumGradients, DoNotDependOnWhoAddsThemUp) {
  for (int64_t size : kSizes) {
    for (size_t count : {4, 6, 8}) {
      torch::manual_seed(size);
      std::vector<Tensor> gradients;
      for (size_t i = 0; i < count; ++i) gradients.push_back(torch::randn({size}));
      Tensor whole = torch::zeros({size});
      std::vector<Tensor> parts, clones;
      for (const Tensor& gradient : gradients) clones.push_back(gradient.clone());
      sum_gradients(whole, clones);
      for (size_t i = 0; i < count; i += 2) {
        parts.push_back(torch::zeros({size}));
        sum_gradients(parts.back(), {gradients[i].clone(), gradients[i + 1].clone()});
      }
      EXPECT_TRUE(whole.equal(tree_sum(std::move(parts)))) << count << " of " << size;
    }
  }
}

AdamTensors random_tensors(int64_t size) {
  return {torch::randn({size}), 3 * torch::randn({size}), 0.1 * torch::randn({size}),
          torch::rand({size}), torch::empty({size}, at::kBFloat16)};
}

AdamTensors copy_of(const AdamTensors& x) {
  return {x.master.clone(), x.gradient.clone(), x.first.clone(), x.second.clone(),
          x.compute.clone()};
}

TEST(AdamUpdate, IsLibTorchs) {
  for (int64_t size : kSizes) {
    for (bool decoupled : {false, true}) {
      torch::manual_seed(size);
      AdamTensors ours = random_tensors(size), theirs = copy_of(ours);
      AdamStep step{0.01, 0.9, 0.98, 1e-9, 0.05, decoupled, 7, 0.125};
      adam_update(ours, step);
      adam_update_reference(theirs, step);
      EXPECT_TRUE(torch::allclose(ours.master, theirs.master, 1e-5, 1e-6)) << size;
      EXPECT_TRUE(torch::allclose(ours.first, theirs.first, 1e-5, 1e-6));
      EXPECT_TRUE(torch::allclose(ours.second, theirs.second, 1e-5, 1e-6));
      EXPECT_TRUE(ours.compute.equal(ours.master.to(at::kBFloat16)));
      EXPECT_EQ(ours.gradient.abs().sum().item<double>(), 0);
    }
  }
}

TEST(AdamUpdate, ResultsDoNotDependOnThreads) {
  torch::manual_seed(3);
  AdamTensors one = random_tensors(100003), three = copy_of(one);
  Tensor sum_of_one = torch::randn({100003}), sum_of_three = sum_of_one.clone();
  AdamStep step{0.01, 0.9, 0.98, 1e-9, 0, false, 1, 1};
  int threads = at::get_num_threads();
  at::set_num_threads(1);
  adam_update(one, step);
  auto norms_of_one = sum_gradients(sum_of_one, {one.first.clone()});
  at::set_num_threads(3);
  adam_update(three, step);
  auto norms_of_three = sum_gradients(sum_of_three, {three.first.clone()});
  at::set_num_threads(threads);
  EXPECT_TRUE(one.master.equal(three.master));
  EXPECT_EQ(norms_of_one, norms_of_three);
}

}  // namespace
}  // namespace heed::kernels
