// The validations of a training, and what follows from them.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "config/config.h"
#include "training/schedule.h"

namespace heed {

// A row of validations.tsv.
struct Validation {
  int64_t step = 0;
  int64_t epoch = 0;      // completed
  double loss = 0;        // -log P per target piece, without smoothing
  double perplexity = 0;  // exp(loss)
  double bleu = -1;       // -1: not measured
  double command = std::numeric_limits<double>::quiet_NaN();  // validation_command; NaN: no value
  double learning_rate = 0;
  double seconds = 0;  // of training so far
  bool best = false;   // better than all before
  // Made because training ended here, between two that were due: should it go on, this one does not
  // count.
  bool extra = false;
};

// What validations are measured by: those of different yardsticks cannot be compared.
struct Yardstick {
  std::string dev;     // checksum of the dev set
  std::string metric;  // training.stopping_metric
  std::string bleu;    // how it counts, and of which translations where the metric looks at them

  bool operator==(const Yardstick&) const = default;
  // What is another one now, for a message: "the dev set, evaluation.tokenize".
  std::string difference(const Yardstick& before) const;
};
// By this configuration, over a dev set of this checksum.
Yardstick yardstick_of(const Config& config, const std::string& dev);

// What a checkpoint keeps of it.
struct HistoryState {
  std::vector<Validation> validations;
  int64_t former = 0;  // so many of these, the first ones, are of another yardstick
  int64_t waited = 0;  // validations since the last best
  PlateauState plateau;

  // Nothing that has been is compared with any more.
  void begin_anew() { former = std::ssize(validations), waited = 0, plateau = {}; }
};

// Two values of a validation for who reads them; "-" where there is none.
std::string bleu_text(double bleu);
std::string command_text(double value);

class History {
 public:
  explicit History(const TrainingConfig& config, HistoryState state = {});

  // By training.stopping_metric, BLEU as it is printed, the lower loss breaking ties. A row whose
  // loss is not finite, or that has no value of the metric, is never better.
  bool is_better(const Validation& row, const Validation& other) const;
  // Whether the row is better than all so far.
  bool is_best(const Validation& row) const;
  // Enters a row and says whether it is best. Patience and plateau see neither an extra one nor one
  // without a value of the metric.
  bool add(Validation row);
  // Training goes on: forgets the last row where it is an extra one.
  void go_on();

  bool validated(int64_t step) const;  // whether the last row is of this step
  bool out_of_patience() const;
  // The step of the last that was better than all before; 0 for none.
  int64_t last_best() const;
  const PlateauState& plateau() const { return state_.plateau; }
  // Steps of the best validations, best first, `count` at most.
  std::vector<int64_t> best_steps(int64_t count) const;
  // Of the `saved` checkpoints, ascending, those that training.average_checkpoints takes the mean
  // of, oldest or best first. The last ones are those that are due, and the very last: one that a
  // signal left between them would make it another mean.
  std::vector<int64_t> steps_to_average(const std::vector<int64_t>& saved) const;
  // validations.tsv: a row each, with a star on the best.
  std::string table() const;

  const HistoryState& state() const { return state_; }

 private:
  bool has_value(const Validation& row) const;  // of the metric
  bool comparable(const Validation& row) const;
  std::span<const Validation> rows() const;  // of the present yardstick

  TrainingConfig config_;
  HistoryState state_;
};

}  // namespace heed
