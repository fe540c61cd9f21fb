#include "decoding/score.h"

#include <algorithm>
#include <cmath>

namespace heed {
namespace {

// The sum of log min(attention received, 1) over the source's pieces.
double coverage(const AttentionRows& attention) {
  constexpr double kNever = 1e-10;  // of a piece that got nothing at all: the logarithm is finite
  if (attention.empty()) return 0;
  double sum = 0;
  for (size_t i = 0; i + 1 < attention[0].size(); ++i) {
    double received = 0;
    for (auto row : attention) received += row[i];
    sum += std::log(std::clamp(received, kNever, 1.0));
  }
  return sum;
}

}  // namespace

void check_probability(float log_probability) {
  if (!std::isnan(log_probability)) return;
  throw NotFinite(
      "the model says that the next piece's probability is no number: its weights, or sums of "
      "them, are not finite; translate in float32, or with an earlier checkpoint of its training");
}

double length_normalised(double log_probability, int64_t length, double penalty) {
  return log_probability / std::pow(static_cast<double>(length), penalty);
}

double hypothesis_score(const DecodingConfig& options, double log_probability, int64_t length,
                        const AttentionRows& attention) {
  double score = length_normalised(log_probability, length, options.length_penalty);
  if (options.coverage_penalty == 0) return score;
  return score + options.coverage_penalty * coverage(attention);
}

double score_bound(const DecodingConfig& options, double log_probability, int64_t length,
                   int64_t max_length) {
  int64_t shortest = length + 1;
  int64_t best = options.length_penalty < 0 ? shortest : std::max(shortest, max_length + 1);
  return length_normalised(log_probability, best, options.length_penalty);
}

}  // namespace heed
