// The line that tells how a training is going: over and over on a terminal, else once a report
// interval, with fixed fields made for grep.
#pragma once

#include <cstdint>
#include <string>

#include "util/progress.h"

namespace heed {

// Sums over the updates since the last report; one that was skipped has no part in them.
struct ProgressSums {
  int64_t steps = 0, target_tokens = 0, padded_tokens = 0;
  double loss = 0;  // smoothed, summed over target tokens
  double seconds = 0, seconds_waited = 0, gradient_norm = 0;
};

struct ProgressPlace {
  int64_t step, max_steps;
  double epoch;  // 2.25: a quarter through the third
  double learning_rate;
};

double tokens_per_second(const ProgressSums& sums);
// Share of the time spent waiting for batches, from 0 to 1.
double share_waited(const ProgressSums& sums);

// "train | step 100/20000 | epoch 1.34 | loss 5.1234 | lr 0.0005 | norm 0.91 | 9,812 tok/s | wait
// 0% | left 23m10s". Loss and tokens are of the target side, padding not counted.
std::string progress_line(const ProgressPlace& place, const ProgressSums& sums);

// The bar that a terminal sees between these lines. The log has the lines, and needs no bar.
Work steps_ahead(int64_t max_steps, int64_t step);

}  // namespace heed
