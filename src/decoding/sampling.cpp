#include "decoding/sampling.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "decoding/rules.h"
#include "util/random.h"

namespace heed {
namespace {

constexpr auto mix = SplitMix64::hash;

uint64_t stream_of(const DrawKey& key) {
  return mix(mix(mix(mix(key.seed) ^ key.sentence) ^ key.sample) ^ key.position);
}

// -log(-log u), u uniform in (0, 1).
double gumbel(uint64_t stream, int64_t id) {
  uint64_t bits = mix(stream ^ mix(static_cast<uint64_t>(id))) >> 11;
  return -std::log(-std::log((static_cast<double>(bits) + 0.5) * 0x1p-53));
}

// Ids, the most probable first, of equal ones the lower.
std::vector<int32_t> by_probability(const std::vector<float>& log_probabilities) {
  std::vector<int32_t> order(log_probabilities.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, std::greater<>(),
                           [&](int32_t id) { return log_probabilities[id]; });
  return order;
}

}  // namespace

void apply_temperature(std::vector<float>& log_probabilities, double temperature) {
  if (temperature == 1) return;
  double highest = *std::ranges::max_element(log_probabilities);
  if (!std::isfinite(highest)) return;
  for (float& x : log_probabilities) x = static_cast<float>((x - highest) / temperature);
}

void keep_top_k(std::vector<float>& log_probabilities, int64_t k) {
  if (k == 0 || k >= std::ssize(log_probabilities)) return;
  std::vector<int32_t> order = by_probability(log_probabilities);
  for (size_t i = static_cast<size_t>(k); i < order.size(); ++i) {
    log_probabilities[order[i]] = kForbidden;
  }
}

void keep_top_p(std::vector<float>& log_probabilities, double p) {
  if (p == 0 || p >= 1) return;
  std::vector<int32_t> order = by_probability(log_probabilities);
  double highest = log_probabilities[order[0]], sum = 0, before = 0;
  for (float x : log_probabilities) sum += std::exp(x - highest);
  for (int32_t id : order) {
    double share = std::exp(log_probabilities[id] - highest) / sum;
    if (before >= p) log_probabilities[id] = kForbidden;
    before += share;
  }
}

int64_t draw(const std::vector<float>& log_probabilities, const DrawKey& key) {
  uint64_t stream = stream_of(key);
  double best = -std::numeric_limits<double>::infinity();
  int64_t drawn = -1;
  for (int64_t id = 0; id < std::ssize(log_probabilities); ++id) {
    if (!std::isfinite(log_probabilities[id])) continue;
    double value = log_probabilities[id] + gumbel(stream, id);
    if (value <= best) continue;
    best = value;
    drawn = id;
  }
  return drawn;
}

}  // namespace heed
