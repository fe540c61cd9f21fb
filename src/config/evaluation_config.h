// Section [evaluation] of the configuration; options.cpp says what each field means.
#pragma once

#include <cstdint>

#include "config/choice.h"

namespace heed {

struct EvaluationConfig {
  int64_t beam_size, batch_size, samples;
  Choice<"auto", "13a", "intl", "char", "zh", "none"> tokenize;
  bool lowercase;
};

}  // namespace heed
