#include "evaluation/bootstrap.h"

#include <algorithm>
#include <array>
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

void check_systems(const char* what, std::span<const CountTable> systems) {
  if (systems.size() < 2) {
    fail_usage("{}: {} systems; give a baseline and one or more to compare with it", what,
               systems.size());
  }
  const CountTable& baseline = systems[0];
  check_segments(what, baseline);
  for (const CountTable& system : systems) {
    if (baseline.rows() == system.rows() && baseline.width() == system.width()) continue;
    fail(
        "{}: the baseline has {} segments of {} counts, a system {} of {}; all must be scored on "
        "the same lines by the same metric",
        what, baseline.rows(), baseline.width(), system.rows(), system.width());
  }
}

void check_count(const char* key, int count) {
  if (count < 1) fail_usage("{} = {}: must be 1 or more", key, count);
}

// The sum as NumPy adds it up: pairwise, in blocks of eight running sums, in the type of the
// values. The last printed digit depends on it.
template <typename Real>
Real numpy_sum(std::span<const Real> values) {
  constexpr size_t kLanes = 8, kBlock = 128;
  const size_t count = values.size();
  if (count > kBlock) {
    size_t half = count / 2 / kLanes * kLanes;
    return numpy_sum(values.first(half)) + numpy_sum(values.subspan(half));
  }
  if (count < kLanes) return std::accumulate(values.begin(), values.end(), Real(0));
  std::array<Real, kLanes> lanes;
  std::copy_n(values.begin(), kLanes, lanes.begin());
  size_t i = kLanes;
  for (; i + kLanes <= count; i += kLanes) {
    for (size_t lane = 0; lane < kLanes; ++lane) lanes[lane] += values[i + lane];
  }
  Real sum = ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) +
             ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
  return std::accumulate(values.begin() + static_cast<std::ptrdiff_t>(i), values.end(), sum);
}

// Never inlined: of two roundings side by side GCC 12 makes one of a vector, and leaves that out.
[[gnu::noinline]] double to_single(double value) { return static_cast<float>(value); }

// sacreBLEU takes the mean of one system's resamples exactly, and those of a paired test by NumPy.
double exact_mean(const std::vector<double>& values) {
  long double total = std::accumulate(values.begin(), values.end(), 0.0L);
  return static_cast<double>(total / static_cast<long double>(values.size()));
}

double numpy_mean(const std::vector<double>& values, bool single) {
  if (!single) {
    return numpy_sum(std::span<const double>(values)) / static_cast<double>(values.size());
  }
  std::vector<float> rounded(values.begin(), values.end());
  return numpy_sum(std::span<const float>(rounded)) / static_cast<float>(rounded.size());
}

// Half the width of the middle 95%: without the lowest and the highest fortieth.
double half_width_of(const std::vector<double>& sorted) {
  size_t cut = sorted.size() / 40;
  return 0.5 * (sorted[sorted.size() - 1 - cut] - sorted[cut]);
}

// "+1": the observed difference is itself one of the possible ones.
double p_value(int64_t larger, size_t trials) {
  return static_cast<double>(larger + 1) / static_cast<double>(trials + 1);
}

// Segments to be added up over and over. Rows are padded to whole chunks: a loop of known length
// becomes vector instructions.
template <typename Real>
class SegmentRows {
 public:
  explicit SegmentRows(const CountTable& table)
      : width_(table.width()), stride_((width_ + kChunk - 1) / kChunk * kChunk) {
    values_.resize(table.rows() * stride_);
    for (size_t i = 0; i < table.rows(); ++i) {
      std::span<const double> row = table.row(i);
      std::transform(row.begin(), row.end(), &values_[i * stride_],
                     [](double value) { return static_cast<Real>(value); });
    }
  }
  std::vector<Real> zero() const { return std::vector<Real>(stride_); }
  // One row after the other, as NumPy adds float32 in sacreBLEU.
  void add(size_t row, std::vector<Real>& sum) const {
    const Real* values = &values_[row * stride_];
    Real* total = sum.data();
    for (size_t k = 0; k < stride_; k += kChunk) {
      for (size_t i = 0; i < kChunk; ++i) total[k + i] += values[k + i];
    }
  }
  std::span<const Real> counts(const std::vector<Real>& sum) const { return {sum.data(), width_}; }

 private:
  static constexpr size_t kChunk = 4;
  size_t width_, stride_;
  std::vector<Real> values_;
};

// The scores of each table's resamples; every table is drawn from at the same segments.
std::vector<std::vector<double>> resample(const Metric& metric, std::span<const CountTable> tables,
                                          const BootstrapOptions& options) {
  NumpyGenerator generator(options.seed);
  std::vector<SegmentRows<float>> segments(tables.begin(), tables.end());
  const auto rows = static_cast<uint32_t>(tables[0].rows());
  std::vector<std::vector<double>> scores(tables.size());
  for (int i = 0; i < options.resamples; ++i) {
    std::vector<std::vector<float>> sums;
    for (const auto& table : segments) sums.push_back(table.zero());
    for (uint32_t drawn = 0; drawn < rows; ++drawn) {
      uint32_t row = generator.below(rows);
      for (size_t t = 0; t < segments.size(); ++t) segments[t].add(row, sums[t]);
    }
    for (size_t t = 0; t < segments.size(); ++t) {
      scores[t].push_back(metric.resampled_score(segments[t].counts(sums[t])));
    }
    if (options.progress) options.progress(i + 1);
  }
  return scores;
}

double paired_bootstrap_p(const std::vector<double>& baseline, const std::vector<double>& system,
                          double observed, bool single) {
  auto round = [&](double value) { return single ? to_single(value) : value; };
  std::vector<double> differences(baseline.size());
  for (size_t i = 0; i < differences.size(); ++i) {
    differences[i] = round(std::abs(system[i] - baseline[i]));
  }
  // The differences scatter about their mean as they would about 0 if there were no difference.
  double mean = numpy_mean(differences, single);
  auto larger = std::count_if(differences.begin(), differences.end(), [&](double difference) {
    return round(difference - mean) > round(observed);
  });
  return p_value(larger, differences.size());
}

// Of a system's segments those that a trial left and those that it took, each added up.
using Halves = std::array<std::vector<double>, 2>;

// The score of segments of which some are one system's and some another's.
double mixed_score(const Metric& metric, std::span<const double> some,
                   std::span<const double> others) {
  Counts sum(some.begin(), some.end());
  for (size_t k = 0; k < sum.size(); ++k) sum[k] += others[k];
  return metric.score(sum).score;
}

std::vector<PairedResult> scores_of(const Metric& metric, std::span<const CountTable> systems) {
  std::vector<PairedResult> results;
  for (const CountTable& system : systems) {
    results.push_back({metric.score(system.sum()).score, std::nullopt, std::nullopt});
  }
  return results;
}

}  // namespace

Confidence bootstrap_confidence(const Metric& metric, const CountTable& segments,
                                const BootstrapOptions& options) {
  check_segments("bootstrap", segments);
  check_count("resamples", options.resamples);
  std::vector<double> scores = resample(metric, {&segments, 1}, options)[0];
  std::sort(scores.begin(), scores.end());
  Confidence out{exact_mean(scores), half_width_of(scores)};
  if (metric.resamples_in_single_precision()) {
    out.mean = to_single(out.mean);
    out.half_width = to_single(out.half_width);
  }
  return out;
}

std::vector<PairedResult> paired_bootstrap(const Metric& metric,
                                           std::span<const CountTable> systems,
                                           const BootstrapOptions& options) {
  check_systems("paired bootstrap", systems);
  check_count("resamples", options.resamples);
  std::vector<PairedResult> results = scores_of(metric, systems);
  const bool single = metric.resamples_in_single_precision();
  auto scores = resample(metric, systems, options);
  for (size_t i = 1; i < results.size(); ++i) {
    double observed = std::abs(results[0].score - results[i].score);
    results[i].p_value = paired_bootstrap_p(scores[0], scores[i], observed, single);
  }
  for (size_t i = 0; i < results.size(); ++i) {
    std::sort(scores[i].begin(), scores[i].end());
    double half_width = half_width_of(scores[i]);
    if (single) half_width = to_single(half_width);
    results[i].confidence = {numpy_mean(scores[i], single), half_width};
  }
  return results;
}

std::vector<PairedResult> paired_randomization(const Metric& metric,
                                               std::span<const CountTable> systems,
                                               const RandomizationOptions& options) {
  check_systems("paired approximate randomization", systems);
  check_count("trials", options.trials);
  std::vector<PairedResult> results = scores_of(metric, systems);
  NumpyGenerator generator(options.seed);
  NumpyBits bits(generator);
  std::vector<SegmentRows<double>> segments(systems.begin(), systems.end());
  std::vector<int64_t> larger(systems.size());
  for (int trial = 0; trial < options.trials; ++trial) {
    std::vector<Halves> sums;
    for (const auto& table : segments) sums.push_back({table.zero(), table.zero()});
    for (size_t row = 0; row < systems[0].rows(); ++row) {
      bool take = bits.next();
      for (size_t i = 0; i < segments.size(); ++i) segments[i].add(row, sums[i][take]);
    }
    auto half = [&](size_t i, bool taken) { return segments[i].counts(sums[i][taken]); };
    for (size_t i = 1; i < systems.size(); ++i) {
      double difference = std::abs(mixed_score(metric, half(0, true), half(i, false)) -
                                   mixed_score(metric, half(0, false), half(i, true)));
      larger[i] += difference > std::abs(results[0].score - results[i].score);
    }
    if (options.progress) options.progress(trial + 1);
  }
  for (size_t i = 1; i < systems.size(); ++i)
    results[i].p_value = p_value(larger[i], options.trials);
  return results;
}

}  // namespace heed
