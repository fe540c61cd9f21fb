#include "evaluation/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "evaluation/numpy_random.h"
#include "util/error.h"

namespace heed {
namespace {

void check_segments(const char* what, const CountTable& segments) {
  if (segments.rows() == 0) fail("{}: no segments to draw from; score at least one line", what);
  if (segments.rows() > UINT32_MAX) {
    fail("{}: {} segments; at most {} can be drawn from", what, segments.rows(), UINT32_MAX);
  }
}

void check_pair(const char* what, const CountTable& baseline, const CountTable& system) {
  check_segments(what, baseline);
  if (baseline.rows() == system.rows() && baseline.width() == system.width()) return;
  fail(
      "{}: the baseline has {} segments of {} counts, the system {} of {}; both must be scored on "
      "the same lines by the same metric",
      what, baseline.rows(), baseline.width(), system.rows(), system.width());
}

void check_count(const char* key, int count) {
  if (count < 1) fail_usage("{} = {}: must be 1 or more", key, count);
}

double mean_of(const std::vector<double>& values) {
  long double total = std::accumulate(values.begin(), values.end(), 0.0L);
  return static_cast<double>(total / static_cast<long double>(values.size()));
}

// The middle 95%: without the lowest and the highest fortieth.
Confidence confidence_of(std::vector<double> scores, const Metric& metric) {
  std::sort(scores.begin(), scores.end());
  size_t cut = scores.size() / 40;
  Confidence out{mean_of(scores), 0.5 * (scores[scores.size() - 1 - cut] - scores[cut])};
  if (metric.resamples_in_single_precision()) {
    out.mean = static_cast<float>(out.mean);
    out.half_width = static_cast<float>(out.half_width);
  }
  return out;
}

// "+1": the observed difference is itself one of the possible ones.
double p_value(int64_t larger, size_t trials) {
  return static_cast<double>(larger + 1) / static_cast<double>(trials + 1);
}

// Segments in single precision, added up one after the other: what NumPy does in sacreBLEU.
class SingleTable {
 public:
  explicit SingleTable(const CountTable& table) : width_(table.width()), sum_(width_) {
    values_.reserve(table.rows() * width_);
    for (size_t i = 0; i < table.rows(); ++i) {
      for (double value : table.row(i)) values_.push_back(static_cast<float>(value));
    }
  }
  void clear() { std::fill(sum_.begin(), sum_.end(), 0.0f); }
  void add(size_t row) {
    const float* values = &values_[row * width_];
    for (size_t k = 0; k < width_; ++k) sum_[k] += values[k];
  }
  const std::vector<float>& sum() const { return sum_; }

 private:
  size_t width_;
  std::vector<float> values_, sum_;
};

// The scores of each table's resamples; every table is drawn from at the same segments.
std::vector<std::vector<double>> resample(const Metric& metric,
                                          const std::vector<const CountTable*>& tables,
                                          const BootstrapOptions& options) {
  NumpyGenerator generator(options.seed);
  std::vector<SingleTable> singles;
  for (const CountTable* table : tables) singles.emplace_back(*table);
  const auto rows = static_cast<uint32_t>(tables[0]->rows());
  std::vector<std::vector<double>> scores(tables.size());
  for (int i = 0; i < options.resamples; ++i) {
    for (SingleTable& single : singles) single.clear();
    for (uint32_t drawn = 0; drawn < rows; ++drawn) {
      uint32_t row = generator.below(rows);
      for (SingleTable& single : singles) single.add(row);
    }
    for (size_t t = 0; t < singles.size(); ++t) {
      scores[t].push_back(metric.resampled_score(singles[t].sum()));
    }
  }
  return scores;
}

}  // namespace

Confidence bootstrap_confidence(const Metric& metric, const CountTable& segments,
                                const BootstrapOptions& options) {
  check_segments("bootstrap", segments);
  check_count("resamples", options.resamples);
  return confidence_of(resample(metric, {&segments}, options)[0], metric);
}

PairedResult paired_bootstrap(const Metric& metric, const CountTable& baseline,
                              const CountTable& system, const BootstrapOptions& options) {
  check_pair("paired bootstrap", baseline, system);
  check_count("resamples", options.resamples);
  PairedResult out;
  out.score = metric.score(system.sum()).score;
  double observed = std::abs(metric.score(baseline.sum()).score - out.score);
  auto scores = resample(metric, {&baseline, &system}, options);
  std::vector<double> differences(scores[0].size());
  const bool single = metric.resamples_in_single_precision();
  auto round = [&](double value) { return single ? static_cast<float>(value) : value; };
  for (size_t i = 0; i < differences.size(); ++i) {
    differences[i] = round(std::abs(scores[1][i] - scores[0][i]));
  }
  // The differences scatter about their mean as they would about 0 if there were no difference.
  double mean = round(mean_of(differences));
  auto larger = std::count_if(differences.begin(), differences.end(), [&](double difference) {
    return round(difference - mean) > round(observed);
  });
  out.p_value = p_value(larger, differences.size());
  out.confidence = confidence_of(std::move(scores[1]), metric);
  return out;
}

PairedResult paired_randomization(const Metric& metric, const CountTable& baseline,
                                  const CountTable& system, const RandomizationOptions& options) {
  check_pair("paired approximate randomization", baseline, system);
  check_count("trials", options.trials);
  PairedResult out;
  out.score = metric.score(system.sum()).score;
  double observed = std::abs(metric.score(baseline.sum()).score - out.score);
  NumpyGenerator generator(options.seed);
  NumpyBits bits(generator);
  const Counts both = [&] {
    Counts sum = baseline.sum(), other = system.sum();
    for (size_t k = 0; k < sum.size(); ++k) sum[k] += other[k];
    return sum;
  }();
  int64_t larger = 0;
  Counts first(both.size()), second(both.size());
  for (int trial = 0; trial < options.trials; ++trial) {
    std::fill(first.begin(), first.end(), 0.0);
    for (size_t i = 0; i < baseline.rows(); ++i) {
      std::span<const double> row = bits.next() ? baseline.row(i) : system.row(i);
      for (size_t k = 0; k < row.size(); ++k) first[k] += row[k];
    }
    // What the first shuffled system did not get, the second has.
    for (size_t k = 0; k < both.size(); ++k) second[k] = both[k] - first[k];
    larger += std::abs(metric.score(first).score - metric.score(second).score) > observed;
  }
  out.p_value = p_value(larger, options.trials);
  return out;
}

}  // namespace heed
