// Which elements a dropout keeps: a hash of (seed, call, position). Nothing is stored; the backward
// pass makes the mask again.
#pragma once

#include <cstdint>

namespace heed::kernels {

// p is rounded to a multiple of 1 / 65536, and the scale is that of the rounded p: one hash of 32
// bits decides for two positions.
struct DropoutMask {
  DropoutMask() = default;  // keeps all
  DropoutMask(double p, uint32_t key);
  bool drops() const { return threshold > 0; }
  // As one number, which a forward pass leaves to the backward, and back.
  int64_t packed() const { return static_cast<int64_t>(threshold) << 32 | key; }
  static DropoutMask unpacked(int64_t packed);

  uint32_t key = 0;
  uint32_t threshold = 0;  // kept where 16 bits of the hash are at or above it
  float scale = 1;         // 1 / (1 - p)

 private:
  DropoutMask(uint32_t key, uint32_t threshold);
};

// The key of a call: see DropoutState in dropout.h.
uint32_t mask_key(uint64_t seed, uint64_t call);

// The mask of this thread's next call; with p = 0 it keeps all and nothing is drawn.
DropoutMask next_mask(double p);

// factors[i - begin] for the positions begin <= i < end: 0 where dropped, else the scale.
void fill_mask(const DropoutMask& mask, int64_t begin, int64_t end, float* factors);

}  // namespace heed::kernels
