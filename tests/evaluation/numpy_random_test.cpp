#include "evaluation/numpy_random.h"

#include <gmock/gmock.h>

#include <vector>

namespace heed {
namespace {

// The expected values are NumPy's (2.4): numpy.random.default_rng(SEED).
TEST(NumpyGenerator, EqualsNumpys) {
  NumpyGenerator generator(12345);
  std::vector<uint64_t> drawn;  // .bit_generator.random_raw(4)
  for (int i = 0; i < 4; ++i) drawn.push_back(generator.next64());
  EXPECT_THAT(drawn, testing::ElementsAre(4193609425186963869u, 5843160025838961886u,
                                          14708796524633321433u, 12474696839993944336u));
}

TEST(NumpyGenerator, TakesWideSeeds) {
  EXPECT_EQ(NumpyGenerator(0).next64(), 11749869230777074271u);
  EXPECT_EQ(NumpyGenerator(0x123456789ABCDEF0).next64(), 3766508136411593918u);
}

TEST(NumpyGenerator, DrawsBelowABound) {
  NumpyGenerator generator(12345);
  std::vector<uint32_t> drawn;  // .choice(10, 12)
  for (int i = 0; i < 12; ++i) drawn.push_back(generator.below(10));
  EXPECT_THAT(drawn, testing::ElementsAre(6, 2, 7, 3, 2, 7, 6, 6, 9, 3, 8, 3));
  // A bound just above 2^31 rejects every second number: .choice(2**31 + 1, 6)
  NumpyGenerator rejecting(12345);
  drawn.clear();
  for (int i = 0; i < 6; ++i) drawn.push_back(rejecting.below(2147483649u));
  EXPECT_THAT(drawn, testing::ElementsAre(488200390u, 1693606511u, 680233354u, 438466540u,
                                          1712329281u, 1380152456u));
  EXPECT_EQ(generator.below(1), 0u);
}

TEST(NumpyBits, EqualNumpys) {
  NumpyGenerator generator(12345);
  NumpyBits bits(generator);
  std::string drawn;  // .integers(2, size=70, dtype=bool)
  for (int i = 0; i < 70; ++i) drawn += bits.next() ? '1' : '0';
  EXPECT_EQ(drawn, "1011100110000011111111110100110110110001100011010100110001011100011110");
}

}  // namespace
}  // namespace heed
