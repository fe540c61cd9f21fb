#include "alignment/attention_statistics.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <optional>

#include "util/error.h"

namespace heed {
namespace {

constexpr double kLeastMass = 1e-6;  // a row with less is empty
constexpr double kSlack = 1e-3;      // rounding of low precision may go below 0 by this much
constexpr double kApart = 0.5;       // positions nearer than this count as one place

void check_rows(const WeightRows& matrix) {
  bool whole =
      matrix.columns == 0 ? matrix.weights.empty() : matrix.weights.size() % matrix.columns == 0;
  if (!whole) {
    fail("attention statistics: {} weights are no whole number of rows of {}",
         matrix.weights.size(), matrix.columns);
  }
}

// The row as probabilities, [S]; nothing for an empty row.
std::optional<std::vector<double>> normalised(std::span<const float> row, double mass) {
  if (!(mass > kLeastMass)) return std::nullopt;
  std::vector<double> probabilities;
  probabilities.reserve(row.size());
  for (float weight : row) probabilities.push_back(std::max(0.0, weight / mass));
  return probabilities;
}

double mass_of(std::span<const float> row) { return std::accumulate(row.begin(), row.end(), 0.0); }

double entropy_of(const std::vector<double>& probabilities) {
  double entropy = 0;
  for (double p : probabilities) entropy -= p > 0 ? p * std::log(p) : 0;
  return std::max(0.0, entropy);
}

double mean(double sum, int64_t count) {
  return count == 0 ? std::nan("") : sum / static_cast<double>(count);
}

}  // namespace

std::vector<double> received_mass(const WeightRows& matrix) {
  check_rows(matrix);
  std::vector<double> received(matrix.columns);
  for (size_t i = 0; i < matrix.rows(); ++i) {
    std::span<const float> row = matrix.row(i);
    for (size_t j = 0; j < row.size(); ++j) received[j] += row[j];
  }
  return received;
}

void AttentionSpread::add(const WeightRows& matrix) {
  check_rows(matrix);
  for (size_t i = 0; i < matrix.rows(); ++i) {
    std::span<const float> row = matrix.row(i);
    for (size_t j = 0; j < row.size(); ++j) {
      if (row[j] >= -kSlack && std::isfinite(row[j])) continue;
      fail("attention statistics: the weight of row {}, column {} is {}; expected at least 0", i, j,
           row[j]);
    }
    double mass = mass_of(row);
    ++rows;
    mass_sum += mass;
    auto probabilities = normalised(row, mass);
    if (!probabilities) {
      ++empty_rows;
      continue;
    }
    double entropy = entropy_of(*probabilities);
    entropy_sum += entropy;
    if (row.size() > 1) share_sum += entropy / std::log(static_cast<double>(row.size()));
    auto top = probabilities->begin() + std::min<std::ptrdiff_t>(3, std::ssize(*probabilities));
    std::partial_sort(probabilities->begin(), top, probabilities->end(), std::greater<>());
    top1_sum += probabilities->front();
    top3_sum += std::accumulate(probabilities->begin(), top, 0.0);
  }
}

double AttentionSpread::mass() const { return mean(mass_sum, rows); }
double AttentionSpread::entropy() const { return mean(entropy_sum, rows - empty_rows); }
double AttentionSpread::entropy_share() const { return mean(share_sum, rows - empty_rows); }
double AttentionSpread::top1() const { return mean(top1_sum, rows - empty_rows); }
double AttentionSpread::top3() const { return mean(top3_sum, rows - empty_rows); }

void AttentionPath::add(const WeightRows& matrix) {
  std::vector<double> received = received_mass(matrix);
  sources += std::ssize(received);
  for (double mass : received) covered += std::clamp(mass, 0.0, 1.0);
  std::vector<double> places;  // of the rows that look anywhere
  for (size_t i = 0; i < matrix.rows(); ++i) {
    std::span<const float> row = matrix.row(i);
    auto probabilities = normalised(row, mass_of(row));
    if (!probabilities) continue;
    double place = 0;
    for (size_t j = 0; j < probabilities->size(); ++j) {
      place += static_cast<double>(j) * (*probabilities)[j];
    }
    for (double before : places) {
      forward += place - before >= kApart;
      backward += before - place >= kApart;
    }
    places.push_back(place);
  }
}

double AttentionPath::monotonicity() const {
  return mean(static_cast<double>(forward - backward), forward + backward);
}
double AttentionPath::coverage() const { return mean(covered, sources); }

}  // namespace heed
