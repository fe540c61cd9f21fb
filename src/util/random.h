// Random numbers that are the same on every platform: the standard library's distributions are not.
#pragma once

#include <cstdint>

namespace heed {

// SplitMix64 (Steele, Lea and Flood, 2014).
class SplitMix64 {
 public:
  explicit SplitMix64(uint64_t seed) : state_(seed) {}
  uint64_t next() { return finish(state_ += kStep); }
  // Uniform in [0, bound), but for a bias of bound / 2^64.
  uint64_t below(uint64_t bound) { return next() % bound; }

  // The first number of the sequence of seed x: neighbours come out unrelated.
  static uint64_t hash(uint64_t x) { return finish(x + kStep); }

 private:
  static constexpr uint64_t kStep = 0x9E3779B97F4A7C15U;
  static uint64_t finish(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
  }
  uint64_t state_;
};

}  // namespace heed
