#include "model/optimizer.h"

#include "kernels/torch.h"

#include <algorithm>
#include <cmath>

#include "kernels/update.h"
#include "util/error.h"

namespace heed {

Optimizer::Optimizer(Parameters& parameters, const TrainingConfig& config, Workers& workers)
    : parameters_(parameters), config_(config), workers_(workers) {
  first_ = torch::zeros_like(parameters.gradients());
  if (config.optimizer != "sgd") second_ = torch::zeros_like(first_);
  steps_ = torch::zeros({}, first_.options());
}

Update Optimizer::step(double learning_rate, double tokens) {
  torch::NoGradGuard no_gradient;
  double norm = std::sqrt(parameters_.squared_norm()) / tokens;
  if (!std::isfinite(norm)) {
    parameters_.discard();
    return {norm, false};
  }
  double scale = 1 / tokens;
  if (config_.clip_norm > 0 && norm > config_.clip_norm) scale *= config_.clip_norm / norm;
  steps_.add_(1);
  parameters_.update(workers_, [&](Range range) {
    int64_t matrices = parameters_.matrices();
    update_group({range.begin, std::min(range.end, matrices)}, learning_rate, config_.weight_decay,
                 scale);
    update_group({std::max(range.begin, matrices), range.end}, learning_rate, 0, scale);
  });
  return {norm, true};
}

void Optimizer::update_group(Range range, double learning_rate, double weight_decay, double scale) {
  if (range.begin >= range.end) return;
  if (config_.optimizer == "sgd") return update_sgd(range, learning_rate, weight_decay, scale);
  kernels::AdamStep step{.learning_rate = learning_rate,
                         .beta1 = config_.beta1,
                         .beta2 = config_.beta2,
                         .epsilon = config_.epsilon,
                         .weight_decay = weight_decay,
                         .decoupled = config_.optimizer == "adamw",
                         .number = steps_.item<int64_t>(),
                         .scale = scale};
  kernels::adam_update({.master = range.of(parameters_.masters()),
                        .gradient = range.of(parameters_.gradients()),
                        .first = range.of(first_),
                        .second = range.of(second_),
                        .compute = range.of(parameters_.copies())},
                       step);
}

void Optimizer::update_sgd(Range range, double learning_rate, double weight_decay, double scale) {
  Tensor master = range.of(parameters_.masters()), sum = range.of(parameters_.gradients());
  Tensor first = range.of(first_), copy = range.of(parameters_.copies());
  // LibTorch refuses momentum buffers where there is no momentum.
  auto buffers = config_.momentum > 0 ? at::TensorList(first) : at::TensorList();
  sum.mul_(scale);
  torch::_fused_sgd_({master}, {sum}, buffers, weight_decay, config_.momentum, learning_rate,
                     /*dampening=*/0.0, /*nesterov=*/false, /*maximize=*/false,
                     /*is_first_step=*/false);
  sum.zero_();
  if (copy.defined()) copy.copy_(master);
}

WeightMap Optimizer::state() const {
  WeightMap state = {{"first", first_}, {"steps", steps_}};
  if (second_.defined()) state["second"] = second_;
  if (parameters_.averaged()) state["master"] = parameters_.masters();
  return state;
}

void Optimizer::load_state(const WeightMap& state) {
  torch::NoGradGuard no_gradient;
  WeightMap own = this->state();
  // A training that switches the average on begins with the masters as they are, one that switches
  // it off goes on from those of the checkpoint.
  own.erase("master");
  if (state.contains("master")) own["master"] = parameters_.masters();
  for (auto& [name, tensor] : own) {
    auto found = state.find(name);
    if (found == state.end() || found->second.sizes() != tensor.sizes()) {
      fail(
          "the checkpoint's optimizer state has no fitting tensor {}: it was made with another "
          "training.optimizer or another model",
          name);
    }
    tensor.copy_(found->second);
  }
  if (Tensor copies = parameters_.copies(); copies.defined()) copies.copy_(parameters_.masters());
}

}  // namespace heed
