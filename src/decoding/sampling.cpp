#include "decoding/sampling.h"

#include "kernels/torch.h"

#include <cmath>
#include <limits>

namespace heed {
namespace {

constexpr float kForbidden = -std::numeric_limits<float>::infinity();

// SplitMix64's finaliser (Steele, Lea and Flood 2014): neighbours come out unrelated.
uint64_t mix(uint64_t x) {
  x += 0x9E3779B97F4A7C15U;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31);
}

uint64_t stream_of(const DrawKey& key) {
  return mix(mix(mix(mix(key.seed) ^ key.sentence) ^ key.sample) ^ key.position);
}

// -log(-log u), u uniform in (0, 1).
double gumbel(uint64_t stream, int64_t id) {
  uint64_t bits = mix(stream ^ mix(static_cast<uint64_t>(id))) >> 11;
  return -std::log(-std::log((static_cast<double>(bits) + 0.5) * 0x1p-53));
}

}  // namespace

void keep_top_k(Tensor& log_probabilities, int64_t k) {
  if (k == 0 || k >= log_probabilities.size(1)) return;
  auto [values, indices] = log_probabilities.topk(k, 1);
  log_probabilities.fill_(kForbidden).scatter_(1, indices, values);
}

void keep_top_p(Tensor& log_probabilities, double p) {
  if (p == 0 || p >= 1) return;
  auto [values, indices] = torch::softmax(log_probabilities, 1).sort(1, /*descending=*/true);
  Tensor before = values.cumsum(1) - values;
  Tensor dropped = torch::zeros_like(values, torch::kBool).scatter_(1, indices, before >= p);
  log_probabilities.masked_fill_(dropped, kForbidden);
}

std::vector<int64_t> draw(const Tensor& log_probabilities, const std::vector<DrawKey>& keys) {
  auto rows = log_probabilities.accessor<float, 2>();
  std::vector<int64_t> drawn(keys.size(), -1);
  for (int64_t row = 0; row < rows.size(0); ++row) {
    uint64_t stream = stream_of(keys[row]);
    double best = -std::numeric_limits<double>::infinity();
    for (int64_t id = 0; id < rows.size(1); ++id) {
      if (!std::isfinite(rows[row][id])) continue;
      double value = rows[row][id] + gumbel(stream, id);
      if (value <= best) continue;
      best = value;
      drawn[row] = id;
    }
  }
  return drawn;
}

}  // namespace heed
