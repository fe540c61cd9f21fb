// How sure a score is: confidence intervals by bootstrap (Koehn 2004), and whether two systems
// differ, by paired bootstrap or by paired approximate randomization (Riezler and Maxwell 2005).
// Random numbers and results equal sacreBLEU's with the same seed and NumPy 2, but for the
// randomization of BLEU with a fractional add-k, which sacreBLEU cuts to a whole number there.
#pragma once

#include "evaluation/metric.h"

namespace heed {

struct BootstrapOptions {
  int resamples = 1000;
  uint64_t seed = 12345;
};

struct RandomizationOptions {
  int trials = 10000;
  uint64_t seed = 12345;
};

struct PairedResult {
  double score = 0;                      // the system's
  double p_value = 1;                    // of no difference from the baseline
  std::optional<Confidence> confidence;  // the system's, by the paired bootstrap alone
};

// All throw Error for a table without rows, the paired ones for two tables of different length, and
// UsageError for a count of resamples or trials below 1. Time: resamples x segments.

Confidence bootstrap_confidence(const Metric& metric, const CountTable& segments,
                                const BootstrapOptions& options = {});

PairedResult paired_bootstrap(const Metric& metric, const CountTable& baseline,
                              const CountTable& system, const BootstrapOptions& options = {});

PairedResult paired_randomization(const Metric& metric, const CountTable& baseline,
                                  const CountTable& system,
                                  const RandomizationOptions& options = {});

}  // namespace heed
