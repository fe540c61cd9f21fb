// Section [decoding] of the configuration; options.cpp says what each field means.
#pragma once

#include <cstdint>

#include "config/choice.h"

namespace heed {

struct DecodingConfig {
  int64_t beam_size, beam_groups;
  double diversity_penalty, length_penalty, coverage_penalty;
  Choice<"estimate", "exact"> early_stopping;
  Choice<"off", "chrf", "bleu"> mbr;
  double max_length_ratio;
  int64_t max_length, min_length, no_repeat_ngram;
  bool allow_unknown;
  int64_t sampling_top_k;
  double sampling_top_p, temperature;
  int64_t seed, shortlist, batch_size;

  // Whether pieces are drawn by their probability instead of searched for.
  bool sampling() const { return sampling_top_k > 0 || sampling_top_p > 0 || temperature != 1; }
};

}  // namespace heed
