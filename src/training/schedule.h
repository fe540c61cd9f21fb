// The learning rate over the course of a training.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/training_config.h"

namespace heed {

// What a plateau schedule remembers; saved in checkpoints.
struct PlateauState {
  double factor = 1;   // product of all cuts so far
  int64_t waited = 0;  // validations since the last best or cut
};

// Learning rate of update `step`, counted from 1: a linear rise over warmup_steps, then by schedule
//   inverse_sqrt  learning_rate * sqrt(warmup / step)   (Vaswani et al., 2017, equation 3)
//   linear        straight down to min_learning_rate at schedule_steps
//   cosine        half a cosine down to it (Loshchilov and Hutter, 2017)
//   plateau       learning_rate * plateau.factor, at least min_learning_rate
double learning_rate(const TrainingConfig& config, int64_t step, const PlateauState& plateau);

// What a schedule can do and hardly anybody wants: a sentence each, with the numbers and what to
// set.
std::vector<std::string> schedule_doubts(const TrainingConfig& config);

// To be called at each validation.
void update_plateau(const TrainingConfig& config, bool new_best, PlateauState& plateau);

}  // namespace heed
