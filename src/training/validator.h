// What a validation measures: loss and perplexity over the dev pairs, BLEU of their translations.
#pragma once

#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "config/config.h"
#include "data/corpus.h"
#include "model/parameters.h"
#include "model/weights.h"
#include "training/validation_command.h"

namespace heed {

struct ValidationResult {
  double loss = 0;   // -log P per target piece (end symbols counted), without smoothing
  double bleu = -1;  // -1: not measured
  double command = std::numeric_limits<double>::quiet_NaN();  // NaN: no value
  struct Sample {
    std::string source, reference, translation;
  };
  std::vector<Sample> samples;
};

// A validation has been cut short.
class Interrupted {};

class Validator {
 public:
  // Throws Error where the dev files have no pair to use or differ in length.
  Validator(const Config& config, const Tokenizers& tokenizers);
  // Of the model as it computes now, in evaluation mode, and back into its mode. What translates is
  // compiled of `weights`, float32 by name: what `heed translate` makes of them once they are
  // saved. Throws Interrupted soon after `stop` says so; it is asked by several threads.
  using Stop = std::function<bool()>;
  ValidationResult run(Seq2Seq& model, const WeightMap& weights, const Stop& stop = never);
  // Loss alone.
  double loss(Seq2Seq& model, const Stop& stop = never) const;
  // Of all lines: tells whether another training has the same dev set.
  std::string checksum() const;
  // Throws Error where training is to stop by a command that keeps failing.
  void check_command() const;

 private:
  static bool never() { return false; }
  double bleu(const ModelShape& shape, const WeightMap& weights, const Stop& stop,
              ValidationResult& result);
  const Config& config_;
  const Tokenizers& tokenizers_;
  Corpus corpus_;
  std::vector<std::string> source_lines_, target_lines_;
  std::optional<ValidationCommand> command_;
  bool has_run_ = false;
};

}  // namespace heed
