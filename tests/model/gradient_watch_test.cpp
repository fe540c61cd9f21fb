#include "model/gradient_watch.h"

#include <gtest/gtest.h>

#include <future>

#include "kernels/torch.h"

namespace heed {
namespace {

using at::Tensor;
using namespace std::chrono_literals;

Tensor parameter() { return torch::ones({4}, torch::requires_grad()); }

bool waits(const std::future<void>& future) {
  return future.wait_for(50ms) == std::future_status::timeout;
}

TEST(GradientWatch, TellsWhatIsCompleteBeforeTheEnd) {
  Tensor first = parameter(), second = parameter();
  GradientWatch watch(8, 4);
  watch.add(first, 0, 4);
  watch.add(second, 4, 4);
  EXPECT_EQ(watch.parts(), 2);
  for (int pass = 0; pass < 2; ++pass) {
    watch.begin();
    auto both = std::async(std::launch::async, [&] {
      watch.wait(0);
      watch.wait(1);
    });
    EXPECT_TRUE(waits(both));
    (first * second).sum().backward();
    both.get();
    watch.end();
  }
  EXPECT_TRUE(first.grad().equal(torch::full({4}, 2)));
}

TEST(GradientWatch, WaitsForAllReplicasAndForPartsInBothParts) {
  Tensor one = parameter(), other = parameter();
  GradientWatch watch(8, 4);
  watch.add(one, 2, 4);
  watch.add(other, 2, 4);
  watch.begin();
  auto done = std::async(std::launch::async, [&] { watch.wait(1); });
  one.sum().backward();
  EXPECT_TRUE(waits(done));
  other.sum().backward();
  done.get();
  watch.wait(0);
  watch.end();
}

TEST(GradientWatch, EndsWithWhatHasNoPartInTheLoss) {
  Tensor used = parameter(), unused = parameter();
  GradientWatch watch(8, 8);
  watch.add(used, 0, 4);
  watch.add(unused, 4, 4);
  watch.begin();
  auto done = std::async(std::launch::async, [&] { watch.wait(0); });
  used.sum().backward();
  EXPECT_TRUE(waits(done));
  watch.end();
  done.get();
  used.sum().backward();  // nobody watches
}

TEST(GradientWatch, MayEndBeforeItsParameters) {
  Tensor watched = parameter();
  { GradientWatch(8, 8).add(watched, 0, 4); }
  watched.sum().backward();
  EXPECT_TRUE(watched.grad().defined());
}

}  // namespace
}  // namespace heed
