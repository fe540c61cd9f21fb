#include "kernels/simd.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace heed::kernels {
namespace {

// Every float whose bits are a multiple of a large prime: all magnitudes, both signs.
template <typename Check>
void for_many_floats(float largest, const Check& check) {
  for (uint64_t bits = 0; bits < (1ull << 32); bits += 100003) {
    auto x = __builtin_bit_cast(float, static_cast<uint32_t>(bits));
    if (std::abs(x) <= largest) check(x);
  }
}

TEST(SimdTest, TanhIsNearTheExactOneEverywhere) {
  for_many_floats(1e30f, [](float x) {
    double expected = std::tanh(static_cast<double>(x));
    ASSERT_NEAR(tanh_fast(x), expected, 4e-7 * std::abs(expected)) << x;
    ASSERT_LE(std::abs(tanh_fast(x)), 1.0f) << x;
  });
}

TEST(SimdTest, SigmoidIsNearTheExactOneEverywhere) {
  for_many_floats(1e30f, [](float x) {
    ASSERT_NEAR(sigmoid_fast(x), 1 / (1 + std::exp(-static_cast<double>(x))), 3e-7) << x;
    ASSERT_GE(sigmoid_fast(x), 0.0f) << x;
    ASSERT_LE(sigmoid_fast(x), 1.0f) << x;
  });
}

TEST(SimdTest, ExponentialIsNearTheExactOne) {
  for_many_floats(88.0f, [](float x) {
    double expected = std::exp(static_cast<double>(x));
    if (x < -87.0f) {
      ASSERT_EQ(exp_fast(x), 0) << x;
    } else {
      ASSERT_NEAR(exp_fast(x), expected, 2.5e-7 * expected) << x;
    }
  });
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(exp_fast(-kInfinity), 0);
  EXPECT_TRUE(std::isnan(exp_fast(std::numeric_limits<float>::quiet_NaN())));
}

TEST(SimdTest, InfinityIsOneAndWhatIsNoNumberStaysNone) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  EXPECT_NEAR(tanh_fast(kInfinity), 1, 1e-6);
  EXPECT_NEAR(tanh_fast(-kInfinity), -1, 1e-6);
  EXPECT_TRUE(std::isnan(tanh_fast(std::numeric_limits<float>::quiet_NaN())));
  EXPECT_TRUE(std::isnan(sigmoid_fast(std::numeric_limits<float>::quiet_NaN())));
}

}  // namespace
}  // namespace heed::kernels
