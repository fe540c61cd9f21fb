// Orders that are a function of a seed.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "util/random.h"

namespace heed {

// A seed of its own for each pair of numbers.
inline uint64_t mix(uint64_t seed, uint64_t a, uint64_t b = 0) {
  SplitMix64 random(seed * 0x100000001B3ull + a * 0x1000193ull + b);
  random.next();
  return random.next();
}

template <typename T>
void shuffle(std::vector<T>& items, SplitMix64& random) {
  for (size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[random.below(i)]);
}

}  // namespace heed
