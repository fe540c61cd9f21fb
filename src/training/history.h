// The validations of a training, and what follows from them.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "config/training_config.h"
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
};

// What a checkpoint keeps of it.
struct HistoryState {
  std::vector<Validation> validations;
  int64_t waited = 0;  // validations since the last best
  PlateauState plateau;
};

std::string command_text(double value);  // "-" where there is none

class History {
 public:
  explicit History(const TrainingConfig& config, HistoryState state = {});

  // Whether the row is better by training.stopping_metric than all so far. One whose loss is not
  // finite, or that has no value of the metric, never is.
  bool is_best(const Validation& row) const;
  // Enters a row and says whether it is best. One without a value of the metric says nothing: it is
  // no time waited.
  bool add(Validation row);

  bool validated(int64_t step) const;  // whether the last row is of this step
  bool best_at(int64_t step) const;    // and the best of all before
  bool out_of_patience() const;
  const PlateauState& plateau() const { return state_.plateau; }
  // Steps of the best validations, best first, `count` at most.
  std::vector<int64_t> best_steps(int64_t count) const;
  // validations.tsv: a row each, with a star on the best.
  std::string table() const;

  const HistoryState& state() const { return state_; }

 private:
  double metric(const Validation& row) const;  // the lower, the better; infinite: no value
  bool has_value(const Validation& row) const;

  TrainingConfig config_;
  HistoryState state_;
};

}  // namespace heed
