#include "report/progress.h"

#include <fmt/format.h>

#include <algorithm>

#include "util/text.h"

namespace heed {

double tokens_per_second(const ProgressSums& sums) {
  return static_cast<double>(sums.target_tokens) / std::max(sums.seconds, 1e-9);
}

double share_waited(const ProgressSums& sums) {
  return std::min(sums.seconds_waited / std::max(sums.seconds, 1e-9), 1.0);
}

std::string progress_line(const ProgressPlace& place, const ProgressSums& sums) {
  auto steps = static_cast<double>(std::max<int64_t>(sums.steps, 1));
  double left = static_cast<double>(place.max_steps - place.step) * sums.seconds / steps;
  return fmt::format(
      "train | step {}/{} | epoch {:.2f} | loss {:.4f} | lr {:.3g} | norm {:.2f} | {} tok/s | wait "
      "{:.0f}% "
      "| left {}",
      place.step, place.max_steps, place.epoch,
      sums.loss / static_cast<double>(std::max<int64_t>(sums.target_tokens, 1)),
      place.learning_rate, sums.gradient_norm / steps,
      with_commas(static_cast<int64_t>(tokens_per_second(sums))), 100 * share_waited(sums),
      format_duration(left));
}

Work steps_ahead(int64_t max_steps, int64_t step) {
  return {.what = "training", .total = max_steps, .unit = "steps", .from = step, .in_log = false};
}

}  // namespace heed
