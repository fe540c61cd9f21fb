// Section [tokenizer] of the configuration; options.cpp says what each field means.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/choice.h"

namespace heed {

using TokenizerType = Choice<"unigram", "bpe", "char">;
using Normalization = Choice<"nmt_nfkc", "nfkc", "nmt_nfkc_cf", "nfkc_cf", "identity">;

// No vocabulary has fewer pieces than this.
inline constexpr int64_t kLeastVocabulary = 8;

struct TokenizerConfig {
  TokenizerType type;
  int64_t vocab_size;
  bool shared;
  std::string model, source_model, target_model;
  std::vector<std::string> user_defined;
  bool byte_fallback, split_digits;
  double character_coverage;
  Normalization normalization;
  int64_t max_training_lines;
  double sampling_alpha;
};

}  // namespace heed
