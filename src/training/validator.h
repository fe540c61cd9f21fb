// What a validation measures: loss and perplexity over the dev pairs, BLEU of their translations.
#pragma once

#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "config/config.h"
#include "data/corpus.h"
#include "decoding/stream.h"
#include "model/parameters.h"
#include "model/weights.h"
#include "training/communicator.h"
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

// The dev set's files, each read once, for they may be pipes. Throws Error where they are empty or
// differ in length. They are small: a training looks before it learns a vocabulary.
ParallelText dev_text(const Config& config);

class Validator {
 public:
  // Throws Error where the dev set has no pair to use.
  Validator(const Config& config, const Tokenizers& tokenizers, const ParallelText& dev,
            int64_t threads);
  // Of the model as it computes now, in evaluation mode, and back into its mode. What translates is
  // compiled of `weights`, float32 by name: what `heed translate` makes of them once they are
  // saved. Each process measures its part of the pairs; the result is the same in all, to the last
  // bit the one that a single process gets, but the samples, which process 0 alone has. Throws
  // Interrupted, in all processes, soon after `stop` says so in any; it is asked by several
  // threads.
  using Stop = std::function<bool()>;
  ValidationResult run(Seq2Seq& model, const WeightMap& weights, Communicator& communicator,
                       const Stop& stop = never);
  // Of all lines: tells whether others have the same dev set.
  std::string checksum() const;
  // Throws Error where training is to stop by a command that keeps failing.
  void check_command() const;

 private:
  struct Inputs {
    const ModelShape& shape;
    const WeightMap& weights;
    const Stop& stop;
  };
  static bool never() { return false; }
  void choose_tokenizer();
  double loss(Seq2Seq& model, Communicator& communicator, const Stop& stop) const;
  void measure_translations(const Inputs& inputs, Communicator& communicator,
                            ValidationResult& result);
  std::vector<std::string> translate(const Inputs& inputs, const std::vector<std::string>& lines,
                                     NoteLog* notes) const;
  double bleu(const std::vector<std::string>& hypotheses,
              const std::vector<std::string>& references, Communicator& communicator) const;
  std::vector<std::string> gather_lines(const std::vector<std::string>& own,
                                        Communicator& communicator) const;
  void add_samples(const std::vector<std::string>& hypotheses, ValidationResult& result) const;
  const Config& config_;
  const Tokenizers& tokenizers_;
  int64_t threads_;
  CorpusFiles files_;
  std::vector<std::string> source_lines_, target_lines_;
  Corpus corpus_;
  std::optional<ValidationCommand> command_;
  std::string tokenize_;  // BLEU's
  bool has_run_ = false;
};

}  // namespace heed
