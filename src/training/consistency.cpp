#include "training/consistency.h"

#include "model/noise.h"

namespace heed {
namespace {

class Consistency : public CrossEntropy {
 public:
  // The second pass sees all but a share `cutoff` of the pieces.
  Consistency(const TrainingConfig& config, const PairWeights& weights, double cutoff)
      : CrossEntropy(config), weights_(weights), cutoff_(cutoff) {}

  Loss loss(const Seq2Seq& model, const Batch& part, Draws draws) const override {
    BatchTensors batch = prepare(model, part, draws);
    int64_t pairs = batch.target_input.size(0);
    batch = twice(batch);
    cut_pieces(batch, cutoff_, pairs);
    LossOptions both = options();
    both.pair = weights_;
    return compute_loss(model, batch, both);
  }

 private:
  PairWeights weights_;
  double cutoff_;
};

}  // namespace

std::unique_ptr<Objective> make_r_drop(const TrainingConfig& config) {
  double divergence = config.consistency / 4;
  PairWeights weights{.first = 0.5, .second = 0.5, .forward = divergence, .backward = divergence};
  return std::make_unique<Consistency>(config, weights, 0);
}

std::unique_ptr<Objective> make_simcut(const TrainingConfig& config) {
  PairWeights weights{.first = 1, .second = 0, .forward = config.consistency, .backward = 0};
  return std::make_unique<Consistency>(config, weights, config.cutoff);
}

}  // namespace heed
