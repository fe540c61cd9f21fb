// Copies of the model that share its weights and compute at the same time, a part of each batch
// each: data parallelism within a process.
#pragma once

#include <memory>
#include <vector>

#include "model/loss.h"
#include "util/workers.h"

namespace heed {

// How many there are, and threads inside the operators of each.
struct ReplicaPlan {
  int64_t replicas, threads;
};
// training.replicas and training.threads where they say so. Else a replica a core: products of a
// small model are too small to share, and two replicas of one thread do more than one of two.
ReplicaPlan plan_replicas(const TrainingConfig& config, const torch::Device& device);

// Of a batch's parts together.
struct BatchLoss {
  double smoothed_sum = 0, log_likelihood = 0;  // as in Loss
  int64_t tokens = 0;
};

class Replicas {
 public:
  // `make` gives a model of the same architecture as `first`; whatever its weights are, an
  // Optimizer lets all replicas share the first one's. From now on operators have plan.threads
  // everywhere.
  using Maker = std::function<std::shared_ptr<Seq2Seq>()>;
  Replicas(std::shared_ptr<Seq2Seq> first, const Maker& make, const ReplicaPlan& plan);

  // Forward and backward of part i on replica i; gradients are added to the replica's own. What
  // is drawn (dropout, hard attention) is a function of `draw_seed` and the part's number.
  BatchLoss backward(const std::vector<Batch>& parts, const LossOptions& options,
                     uint64_t draw_seed);

  // Whether hard attention is drawn.
  void set_drawing(bool drawing);

  const std::vector<std::shared_ptr<Seq2Seq>>& models() const { return models_; }
  Workers& workers() { return workers_; }

 private:
  std::vector<std::shared_ptr<Seq2Seq>> models_;
  Workers workers_;
};

}  // namespace heed
