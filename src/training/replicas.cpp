#include "training/replicas.h"

#include "kernels/torch.h"

#include <algorithm>

#include "kernels/dropout.h"
#include "model/device.h"

namespace heed {

ReplicaPlan plan_replicas(const TrainingConfig& config, const torch::Device& device) {
  int64_t threads = at::get_num_threads();
  int64_t replicas = config.replicas;
  if (replicas == 0) replicas = device.is_cpu() ? threads : 1;
  return {replicas, std::max<int64_t>(1, threads / replicas)};
}

Replicas::Replicas(std::shared_ptr<Seq2Seq> first, const Maker& make, const ReplicaPlan& plan)
    : models_{std::move(first)},
      workers_(plan.replicas, [threads = plan.threads] { set_worker_threads(threads); }) {
  while (std::ssize(models_) < plan.replicas) models_.push_back(make());
  // The caller too, for a backward pass gives its thread what the process has.
  set_worker_threads(plan.threads);
}

BatchLoss Replicas::backward(const std::vector<Batch>& parts, const LossOptions& options,
                             uint64_t draw_seed) {
  std::vector<BatchLoss> losses(parts.size());
  workers_.run([&](int64_t i) {
    if (i >= std::ssize(parts)) return;  // a batch of fewer pairs than replicas
    kernels::dropout_state() = {draw_seed, static_cast<uint64_t>(i) << 32};
    Loss loss = compute_loss(*models_[i], to_tensors(parts[i], models_[i]->options()), options);
    loss.objective.backward();
    losses[i] = {loss.smoothed_sum, loss.log_likelihood, loss.tokens};
  });
  BatchLoss sum;
  for (const BatchLoss& loss : losses) {
    sum.smoothed_sum += loss.smoothed_sum;
    sum.log_likelihood += loss.log_likelihood;
    sum.tokens += loss.tokens;
  }
  return sum;
}

void Replicas::set_drawing(bool drawing) {
  for (const auto& model : models_) model->set_drawing(drawing);
}

}  // namespace heed
