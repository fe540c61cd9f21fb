// The training loop.
#pragma once

#include <memory>
#include <string>

#include "model/loss.h"
#include "report/metric_log.h"
#include "report/progress.h"
#include "training/checkpoint.h"
#include "training/replicas.h"
#include "training/train.h"
#include "training/validator.h"
#include "util/folder_lock.h"

namespace heed {

class Trainer {
 public:
  // Prepares the model folder: lock, configuration, vocabulary, data, model, checkpoint. Throws
  // UsageError for a configuration that cannot be, Error for data that cannot be; what was in the
  // folder is still there then. `command`, where given, is what the log shows as the way to do the
  // same again. train.log stays the log's file: why a training ended is said after it.
  Trainer(const Config& config, StartMode mode, const std::string& command = {});

  // Trains until a limit, early stopping or a signal; the checkpoint of the last step is saved
  // then. Returns the signal, or 0.
  int run();

 private:
  struct StepResult {
    double loss;  // smoothed, summed over `tokens`
    int64_t tokens;
    Update update;
  };
  StepResult step();
  LossOptions loss_options() const;
  uint64_t draw_seed(int64_t batch) const;
  void count_tokens(const std::vector<Batch>& parts);
  void update_reward_baseline(const BatchLoss& loss);
  void record(const StepResult& result);
  void report();
  void validate();
  bool is_best(const Validation& row) const;
  bool validation_due() const;
  bool checkpoint_due() const;
  bool training_over() const;
  void finish();
  void save_checkpoint();
  void save_best() const;
  void average_best();
  std::vector<int64_t> best_steps(int64_t count) const;
  double metric(const Validation& row) const;
  void write_validations() const;
  bool begins_anew(StartMode mode) const;
  void compare_with_before();
  Tokenizers tokenizers_of_before() const;
  void write_folder(bool anew);
  void prepare_model();
  void resume();
  void go_on_from(TrainingState state);
  int64_t find_batch_tokens(const BatcherOptions& options);
  void log_start() const;
  double seconds() const;

  Config config_;
  std::string folder_;
  std::unique_ptr<FolderLock> lock_;
  Tokenizers tokenizers_;
  std::shared_ptr<Seq2Seq> model_;  // the first replica
  bool same_batches_ = true;        // as in the session before: its place in the data still holds
  Corpus corpus_;
  TrainingState state_;
  std::unique_ptr<Replicas> replicas_;
  std::unique_ptr<Optimizer> optimizer_;
  std::unique_ptr<CheckpointFolder> checkpoints_;
  std::unique_ptr<Validator> validator_;
  std::unique_ptr<Batcher> batcher_;
  std::unique_ptr<MetricLog> metrics_;
  int64_t saved_step_ = -1, validated_step_ = -1, epoch_before_ = 0;
  int64_t skipped_ = 0;  // updates in a row that were not finite
  ProgressSums sums_;
  double start_time_ = 0, earlier_seconds_ = 0, report_time_ = 0, waited_before_ = 0;
};

}  // namespace heed
