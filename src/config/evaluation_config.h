// Section [evaluation] of the configuration; options.cpp says what each field means.
#pragma once

#include <cstdint>
#include <string>

namespace heed {

struct EvaluationConfig {
  int64_t beam_size, batch_size, samples;
  std::string tokenize;
  bool lowercase;
};

}  // namespace heed
