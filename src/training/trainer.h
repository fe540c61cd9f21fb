// The training loop.
#pragma once

#include <optional>

#include "config/config.h"
#include "report/progress.h"
#include "training/best_model.h"
#include "training/communicator.h"
#include "training/setup.h"

namespace heed {

class Trainer {
 public:
  // Goes on from where `setup` stands. Both must live as long.
  Trainer(Setup& setup, Communicator& communicator);

  // Trains until a limit, early stopping or a signal; the checkpoint of the last step is saved
  // then. Returns the signal, or 0. A request to save is met after the step.
  int run();

 private:
  struct StepResult {
    double loss = 0;  // smoothed, summed over `tokens`
    int64_t tokens = 0, padded_tokens = 0;
    Update update{};
  };
  std::optional<StepResult> step();
  int stop_request();
  uint64_t draw_seed(int64_t batch) const;
  double rate(int64_t step) const;
  void record(const StepResult& result);
  void report();
  void go_on();
  void validate();
  bool leads() const { return setup_.folder != nullptr; }  // this process writes the folder
  std::optional<ValidationResult> measure(const WeightMap& weights);
  void log_validation(const Validation& row, const ValidationResult& result, double took);
  double sum_over_processes(BatchLoss& loss, double padded);
  void append_metrics(const nlohmann::ordered_json& entry);
  WeightMap shared_average(const std::vector<std::string>& paths);
  bool validation_due() const;
  bool checkpoint_due() const;
  bool training_over() const { return !why_over().empty(); }
  std::string why_over() const;
  void finish();
  void save_checkpoint();
  void prune() const;
  void write_table() const;
  bool average();
  double seconds() const;
  double seconds_waited() const;  // for data and for other processes

  const Config& config_;
  const ModelFolder& files_;
  Setup& setup_;
  Communicator& communicator_;
  Parameters& parameters_;
  Replicas& replicas_;
  Optimizer& optimizer_;
  Objective& objective_;
  Batcher& batcher_;
  TrainingState& state_;
  History history_;
  BestModel best_model_;
  int64_t saved_step_ = -1, epoch_before_ = 0;
  int64_t skipped_ = 0;  // updates in a row that were not finite
  ProgressSums sums_;
  double start_time_, earlier_seconds_, report_time_;
  double waited_before_ = 0, sent_before_ = 0;
};

}  // namespace heed
