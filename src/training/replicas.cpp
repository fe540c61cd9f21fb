#include "training/replicas.h"

#include <ATen/Parallel.h>

#include <algorithm>

#include "model/device.h"
#include "util/tree_sum.h"

namespace heed {

ReplicaPlan plan_replicas(const TrainingConfig& config, const torch::Device& device) {
  int64_t threads = at::get_num_threads();
  int64_t replicas = config.replicas;
  if (replicas == 0) replicas = device.is_cpu() ? threads : 1;
  return {replicas, std::max<int64_t>(1, threads / replicas)};
}

Replicas::Replicas(std::vector<std::shared_ptr<Seq2Seq>> models, Parameters& parameters,
                   int64_t threads)
    : models_(std::move(models)),
      workers_(std::ssize(models_), [threads] { set_worker_threads(threads); }) {
  for (const auto& model : models_) parameters.share(*model);
  // The caller too, for a backward pass gives its thread what the process has.
  set_worker_threads(threads);
}

BatchLoss Replicas::backward(const std::vector<Batch>& parts, const Objective& objective,
                             PartDraws draws) {
  std::vector<BatchLoss> losses(models_.size());
  workers_.run([&](int64_t i) {
    if (i >= std::ssize(parts)) return;  // a batch of fewer pairs than replicas
    Loss loss =
        objective.loss(*models_[i], parts[i], {draws.seed, static_cast<uint64_t>(draws.first + i)});
    loss.objective.backward();
    losses[i] = {loss.smoothed_sum, loss.log_likelihood, static_cast<double>(loss.tokens)};
  });
  return tree_sum(std::move(losses));
}

void Replicas::set_drawing(bool drawing) {
  for (const auto& model : models_) model->set_drawing(drawing);
}

}  // namespace heed
