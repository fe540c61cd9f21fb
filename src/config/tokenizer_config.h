// Section [tokenizer] of the configuration; options.cpp says what each field means.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace heed {

struct TokenizerConfig {
  std::string type;
  int64_t vocab_size;
  bool shared;
  std::string model, source_model, target_model;
  std::vector<std::string> user_defined;
  bool byte_fallback, split_digits;
  double character_coverage;
  std::string normalization;
  int64_t max_training_lines;
  double sampling_alpha;
};

}  // namespace heed
