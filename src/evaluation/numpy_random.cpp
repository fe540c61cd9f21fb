#include "evaluation/numpy_random.h"

#include <array>
#include <bit>
#include <cstddef>

namespace heed {
namespace {

// NumPy's SeedSequence (after O'Neill's seed_seq_fe): the seed is hashed into a pool of four words,
// from which any number of words can be drawn.
class SeedSequence {
 public:
  explicit SeedSequence(uint64_t seed) {
    const std::array<uint32_t, 2> entropy = {static_cast<uint32_t>(seed),
                                             static_cast<uint32_t>(seed >> 32)};
    for (size_t i = 0; i < pool_.size(); ++i) pool_[i] = hash(i < 2 ? entropy[i] : 0);
    for (size_t source = 0; source < pool_.size(); ++source) {
      for (size_t target = 0; target < pool_.size(); ++target) {
        if (source != target) pool_[target] = mix(pool_[target], hash(pool_[source]));
      }
    }
  }

  // The 64-bit words of generate_state(), from the first.
  uint64_t next64() {
    uint64_t low = next32();
    return low | (static_cast<uint64_t>(next32()) << 32);
  }

 private:
  uint32_t hash(uint32_t value) {
    value ^= hash_factor_;
    hash_factor_ *= 0x931E8875u;
    value *= hash_factor_;
    return value ^ (value >> 16);
  }
  static uint32_t mix(uint32_t x, uint32_t y) {
    uint32_t result = 0xCA01F9DDu * x - 0x4973F715u * y;
    return result ^ (result >> 16);
  }
  uint32_t next32() {
    uint32_t value = pool_[drawn_++ % pool_.size()] ^ draw_factor_;
    draw_factor_ *= 0x58F38DEDu;
    value *= draw_factor_;
    return value ^ (value >> 16);
  }

  std::array<uint32_t, 4> pool_{};
  uint32_t hash_factor_ = 0x43B0D7E5u, draw_factor_ = 0x8B51F9DDu;
  size_t drawn_ = 0;
};

}  // namespace

NumpyGenerator::NumpyGenerator(uint64_t seed) {
  SeedSequence words(seed);
  auto next128 = [&] {
    auto high = static_cast<uint128>(words.next64());
    return (high << 64) | words.next64();
  };
  const uint128 start = next128();
  increment_ = (next128() << 1) | 1;
  step();
  state_ += start;
  step();
}

void NumpyGenerator::step() {
  const uint128 factor = (static_cast<uint128>(0x2360ED051FC65DA4u) << 64) | 0x4385DF649FCCF645u;
  state_ = state_ * factor + increment_;
}

uint64_t NumpyGenerator::next64() {
  step();
  auto high = static_cast<uint64_t>(state_ >> 64);
  return std::rotr(high ^ static_cast<uint64_t>(state_), static_cast<int>(high >> 58));
}

uint32_t NumpyGenerator::next32() {
  if (has_high_half_) {
    has_high_half_ = false;
    return high_half_;
  }
  uint64_t both = next64();
  high_half_ = static_cast<uint32_t>(both >> 32);
  has_high_half_ = true;
  return static_cast<uint32_t>(both);
}

uint32_t NumpyGenerator::below(uint32_t bound) {
  if (bound == 1) return 0;  // NumPy draws nothing here
  uint64_t product = static_cast<uint64_t>(next32()) * bound;
  if (static_cast<uint32_t>(product) < bound) {
    const uint32_t threshold = (0u - bound) % bound;
    while (static_cast<uint32_t>(product) < threshold) {
      product = static_cast<uint64_t>(next32()) * bound;
    }
  }
  return static_cast<uint32_t>(product >> 32);
}

bool NumpyBits::next() {
  if (left_ == 0) {
    bits_ = generator_.next32();
    left_ = 32;
  } else {
    bits_ >>= 1;
  }
  --left_;
  return bits_ & 1;
}

}  // namespace heed
