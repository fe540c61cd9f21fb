// What tells how near one sentence is to another, where translations are chosen or trained by it.
#pragma once

#include <memory>
#include <string_view>

#include "evaluation/metric.h"

namespace heed {

// `name` is "bleu" (of effective order, smoothed exponentially) or "chrf".
std::unique_ptr<Metric> make_sentence_metric(std::string_view name);

}  // namespace heed
