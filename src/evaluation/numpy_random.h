// The random numbers of numpy.random.default_rng(seed), so that resampled scores equal sacreBLEU's:
// PCG64 (O'Neill 2014, XSL-RR on 128 bits), seeded by NumPy's SeedSequence.
#pragma once

#include <cstdint>

namespace heed {

class NumpyGenerator {
 public:
  explicit NumpyGenerator(uint64_t seed);

  uint64_t next64();
  // Both halves of a 64-bit number in turn, the low one first.
  uint32_t next32();
  // Uniform in [0, bound), as integers(bound): Lemire 2019. bound > 0.
  uint32_t below(uint32_t bound);

 private:
  __extension__ using uint128 = unsigned __int128;
  void step();
  uint128 state_ = 0, increment_ = 0;
  uint32_t high_half_ = 0;
  bool has_high_half_ = false;
};

// Bits as integers(2, dtype=bool) draws them: 32 from each number, the lowest first.
class NumpyBits {
 public:
  explicit NumpyBits(NumpyGenerator& generator) : generator_(generator) {}
  bool next();

 private:
  NumpyGenerator& generator_;
  uint32_t bits_ = 0;
  int left_ = 0;
};

}  // namespace heed
