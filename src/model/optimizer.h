// Updates of the weights.
#pragma once

#include "config/training_config.h"
#include "model/parameters.h"

namespace heed {

struct Update {
  double gradient_norm;  // of the token-averaged loss, before clipping
  bool finite;           // false: nothing was changed
};

// Adam (Kingma and Ba, 2015), AdamW (Loshchilov and Hutter, 2019) or SGD with momentum on the
// masters. Weight decay is for matrices alone.
class Optimizer {
 public:
  // An update is shared among `workers`; they and `parameters` must live as long.
  Optimizer(Parameters& parameters, const TrainingConfig& config, Workers& workers);

  // Updates by the summed gradients divided by `tokens`, clipped to clip_norm, and clears them.
  Update step(double learning_rate, double tokens);

  // Tensors by name that a checkpoint needs beside the weights, and back. Where weights are an
  // average, the masters are among them. Throws Error naming a tensor that is not there.
  WeightMap state() const;
  void load_state(const WeightMap& state);

 private:
  using Range = Parameters::Range;
  void update_group(Range range, double learning_rate, double weight_decay, double scale);
  void update_sgd(Range range, double learning_rate, double weight_decay, double scale);

  Parameters& parameters_;
  TrainingConfig config_;
  Workers& workers_;
  Tensor first_, second_;  // [N] float32: Adam's moments; first_ is SGD's momentum
  Tensor steps_;           // updates so far, as a float32 scalar
};

}  // namespace heed
