// Copies of the model that share its weights and compute at the same time, a part of each batch
// each: data parallelism within a process.
#pragma once

#include <memory>
#include <vector>

#include "config/training_config.h"
#include "model/parameters.h"
#include "training/objective.h"
#include "util/workers.h"

namespace heed {

// How many there are, and threads inside the operators of each.
struct ReplicaPlan {
  int64_t replicas, threads;
};
// training.replicas and training.threads where they say so. Else a replica a core: products of a
// small model are too small to share, and two replicas of one thread do more than one of two.
ReplicaPlan plan_replicas(const TrainingConfig& config, const torch::Device& device);

class Replicas {
 public:
  // Lets the models, all of one architecture, share `parameters`, which must live as long. From now
  // on operators have so many threads everywhere.
  Replicas(std::vector<std::shared_ptr<Seq2Seq>> models, Parameters& parameters, int64_t threads);

  // Forward and backward of part i on replica i; gradients are added to the replica's own. What
  // is drawn (dropout, hard attention) is a function of `draws.seed` and the part's number, which
  // is draws.first + i.
  struct PartDraws {
    uint64_t seed;
    int64_t first = 0;  // parts before these, where other processes have some
  };
  BatchLoss backward(const std::vector<Batch>& parts, const Objective& objective, PartDraws draws);

  // Whether hard attention is drawn.
  void set_drawing(bool drawing);

  const std::vector<std::shared_ptr<Seq2Seq>>& models() const { return models_; }
  Workers& workers() { return workers_; }

 private:
  std::vector<std::shared_ptr<Seq2Seq>> models_;
  Workers workers_;
};

}  // namespace heed
