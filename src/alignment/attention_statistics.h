// How attention spreads and how it moves, in numbers.
//
// Letters: T target and S source positions, words or pieces. Weights are [T, S], row-major: row i
// says how target i spread its attention over the source.
//
// A row need not sum to 1: windows (Luong et al. 2015, local-p) and monotonic attention (Raffel et
// al. 2017) give mass away, and so does whoever leaves out the end symbol's column. So a row's mass
// is a statistic of its own, and all others are of the row divided by its mass. A row of next to no
// mass is empty: it says nothing of where, is counted as such, and left out of the others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace heed {

struct WeightRows {
  std::span<const float> weights;  // [T, S], each at least 0
  size_t columns = 0;              // S

  size_t rows() const { return columns == 0 ? 0 : weights.size() / columns; }
  std::span<const float> row(size_t i) const { return weights.subspan(i * columns, columns); }
};

// The mass that each source position receives from all targets together, [S]. Throws Error where
// the weights are no whole number of rows, here and below.
std::vector<double> received_mass(const WeightRows& matrix);

// Sums over the rows of many matrices, and their means; a mean of nothing is NaN.
struct AttentionSpread {
  int64_t rows = 0, empty_rows = 0;
  double mass_sum = 0, entropy_sum = 0, share_sum = 0, top1_sum = 0, top3_sum = 0;

  // Throws Error for a weight that is no number, or below 0 by more than rounding.
  void add(const WeightRows& matrix);

  double mass() const;           // of a row, empty ones as well
  double entropy() const;        // -sum p ln p, in nats: 0 for one position, ln S for all alike
  double entropy_share() const;  // entropy / ln S, from 0 to 1; 0 where S = 1
  double top1() const;           // share of the row's mass on its strongest position
  double top3() const;           // on its three strongest
};

// How attention moves over the source as the target grows, in sums over many matrices.
struct AttentionPath {
  int64_t forward = 0, backward = 0;  // pairs of rows
  int64_t sources = 0;
  double covered = 0;

  void add(const WeightRows& matrix);

  // Goodman and Kruskal's gamma (1954), that is Kendall's tau without the ties, between the order
  // of the targets and the expected source position of each, sum_j j p_j: over all pairs of rows
  // i < k that look at least half a position apart, (forward - backward) / (forward + backward). 1:
  // never back; 0: as often back as forward, as if at random; -1: from right to left. NaN where no
  // two rows look at different places.
  double monotonicity() const;
  // Mean over source positions of min(1, mass received): Wu et al. (2016), equation 14, without its
  // logarithm. 1: every source word has had a target word's worth of attention. NaN without any.
  double coverage() const;
};

}  // namespace heed
