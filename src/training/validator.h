// What a validation measures: loss and perplexity over the dev pairs, BLEU of their translations.
#pragma once

#include <string>
#include <vector>

#include "data/corpus.h"
#include "model/bundle.h"

namespace heed {

struct ValidationResult {
  double loss = 0;   // -log P per target piece (end symbols counted), without smoothing
  double bleu = -1;  // -1: not measured
  struct Sample {
    std::string source, reference, translation;
  };
  std::vector<Sample> samples;
};

class Validator {
 public:
  // `bundle` holds the model in training. Throws Error where the dev files have no pair to use or
  // differ in length.
  explicit Validator(const Bundle& bundle);
  // In evaluation mode, and back into training mode.
  ValidationResult run();
  // Loss alone.
  double loss();

 private:
  double bleu(ValidationResult& result);
  const Bundle& bundle_;
  Corpus corpus_;
  std::vector<std::string> source_lines_, target_lines_;
  bool has_run_ = false;
};

}  // namespace heed
