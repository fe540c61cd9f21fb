// What training makes small: the loss of one batch.
#pragma once

#include <memory>

#include "config/training_config.h"
#include "data/model_folder.h"
#include "model/loss.h"

namespace heed {

// The sums of a batch over all its parts; see Loss.
struct BatchLoss {
  double smoothed_sum = 0, log_likelihood = 0, tokens = 0;

  BatchLoss& operator+=(const BatchLoss& other);
};

class Objective {
 public:
  virtual ~Objective() = default;
  // Runs the model on a part of a batch. Several threads may call it at a time, with a model each.
  virtual Loss loss(const Seq2Seq& model, const Batch& part, Draws draws) const = 0;

  // To be called after each batch, for an objective that compares with earlier ones.
  virtual void remember(const BatchLoss&) {}
  // What it remembers, for a checkpoint, and back.
  virtual double memory() const { return 0; }
  virtual void set_memory(double) {}
};

// The one of training.objective. The vocabularies are for one that translates.
std::unique_ptr<Objective> make_objective(const TrainingConfig& config,
                                          const Tokenizers& tokenizers = {});

// compute_loss() with the configuration's options, of a batch some of whose pieces are cut out
// where training.word_dropout says so. It remembers the moving average of log P of a
// piece, the baseline of hard attention's reward (Xu et al., 2015, section 4.1).
class CrossEntropy : public Objective {
 public:
  explicit CrossEntropy(const TrainingConfig& config);
  Loss loss(const Seq2Seq& model, const Batch& part, Draws draws) const override;
  void remember(const BatchLoss& loss) override;
  double memory() const override { return options_.reward_baseline; }
  void set_memory(double baseline) override { options_.reward_baseline = baseline; }

 protected:
  // Begins the part's draws, of which the first are word dropout's.
  BatchTensors prepare(const Seq2Seq& model, const Batch& part, Draws draws) const;
  const LossOptions& options() const { return options_; }

 private:
  LossOptions options_;
  double word_dropout_;
};

}  // namespace heed
