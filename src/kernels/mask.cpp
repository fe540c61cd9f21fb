#include "kernels/mask.h"

#include <algorithm>
#include <cmath>

#include "kernels/dropout.h"
#include "kernels/simd.h"

namespace heed::kernels {
namespace {

// A block's positions j and j + 16 share a hash, so that whole vectors of either half are stored.
constexpr int64_t kHalf = 16, kBlock = 2 * kHalf;
constexpr double kSteps = 65536;

// The 32-bit finaliser of MurmurHash3: every bit of the position reaches every bit of the result.
HEED_INLINE uint32_t hash_bits(uint32_t x) {
  x ^= x >> 16;
  x *= 0x85EBCA6Bu;
  x ^= x >> 13;
  x *= 0xC2B2AE35u;
  return x ^ (x >> 16);
}

HEED_INLINE void blocks_loop(int64_t first, int64_t count, uint32_t key, uint32_t threshold,
                             float scale, float* factors) {
  uint32_t start = key + static_cast<uint32_t>(first * kHalf);
  for (int64_t block = 0; block < count; ++block) {
    for (uint32_t j = 0; j < kHalf; ++j) {
      uint32_t bits = hash_bits(start + static_cast<uint32_t>(block * kHalf) + j);
      factors[block * kBlock + j] = (bits & 0xFFFFu) >= threshold ? scale : 0.0f;
      factors[block * kBlock + kHalf + j] = (bits >> 16) >= threshold ? scale : 0.0f;
    }
  }
}

}  // namespace

DropoutMask::DropoutMask(double p, uint32_t mask_key)
    : DropoutMask(mask_key, static_cast<uint32_t>(std::lround(p * kSteps))) {}

DropoutMask::DropoutMask(uint32_t mask_key, uint32_t mask_threshold)
    : key(mask_key),
      threshold(mask_threshold),
      scale(static_cast<float>(kSteps / (kSteps - mask_threshold))) {}

DropoutMask DropoutMask::unpacked(int64_t packed) {
  return {static_cast<uint32_t>(packed), static_cast<uint32_t>(packed >> 32)};
}

uint32_t mask_key(uint64_t seed, uint64_t call) {
  uint64_t z = (seed + 0x9E3779B97F4A7C15ull) * (call + 0xBF58476D1CE4E5B9ull);
  z = (z ^ (z >> 31)) * 0x94D049BB133111EBull;
  return static_cast<uint32_t>(z ^ (z >> 32));
}

DropoutMask next_mask(double p) {
  if (p == 0) return {};
  DropoutState& state = dropout_state();
  return {p, mask_key(state.seed, state.calls++)};
}

void fill_mask(const DropoutMask& mask, int64_t begin, int64_t end, float* factors) {
  float block[kBlock];
  while (begin < end) {
    int64_t offset = begin % kBlock, whole = (end - begin) / kBlock;
    if (offset == 0 && whole > 0) {
      vectorised<blocks_loop>(begin / kBlock, whole, mask.key, mask.threshold, mask.scale, factors);
      begin += whole * kBlock;
      factors += whole * kBlock;
      continue;
    }
    vectorised<blocks_loop>(begin / kBlock, 1, mask.key, mask.threshold, mask.scale, block);
    int64_t count = std::min(kBlock - offset, end - begin);
    factors = std::copy_n(block + offset, count, factors);
    begin += count;
  }
}

}  // namespace heed::kernels
