// How sure a score is: confidence intervals by bootstrap (Koehn 2004), and whether systems differ,
// by paired bootstrap or by paired approximate randomization (Riezler and Maxwell 2005). Random
// numbers and results equal sacreBLEU's with the same seed and NumPy 2, but for the randomization
// of BLEU with a fractional add-k, which sacreBLEU cuts to a whole number there.
#pragma once

#include <functional>

#include "evaluation/metric.h"

namespace heed {

// Called after each resample or trial with how many are done.
using ResamplingProgress = std::function<void(int done)>;

struct BootstrapOptions {
  int resamples = 1000;
  uint64_t seed = 12345;
  ResamplingProgress progress = {};
};

struct RandomizationOptions {
  int trials = 10000;
  uint64_t seed = 12345;
  ResamplingProgress progress = {};
};

struct PairedResult {
  double score = 0;                      // the system's
  std::optional<double> p_value;         // of no difference from the baseline; it has none itself
  std::optional<Confidence> confidence;  // the system's, by the paired bootstrap alone
};

// All throw Error for a table without rows, the paired ones for tables of different length, and
// UsageError for a count of resamples or trials below 1. Time: systems x resamples x segments.

Confidence bootstrap_confidence(const Metric& metric, const CountTable& segments,
                                const BootstrapOptions& options = {});

// Of several systems on the same segments, the first of which is the baseline of the others; a
// result each.
std::vector<PairedResult> paired_bootstrap(const Metric& metric,
                                           std::span<const CountTable> systems,
                                           const BootstrapOptions& options = {});
std::vector<PairedResult> paired_randomization(const Metric& metric,
                                               std::span<const CountTable> systems,
                                               const RandomizationOptions& options = {});

}  // namespace heed
