// The parts of a training, made from a configuration, and where it begins or goes on.
#pragma once

#include <memory>

#include "config/config.h"
#include "report/metric_log.h"
#include "training/checkpoint.h"
#include "training/communicator.h"
#include "training/replicas.h"
#include "training/run_folder.h"
#include "training/validator.h"

namespace heed {

// The configuration with absolute paths. Throws UsageError for one that cannot be, Error for a file
// that cannot be read: what can be told before a vocabulary is learned.
Config checked(const Config& config);

// Everything that can be wrong with the configuration and the data is seen, as Error or UsageError,
// before anything in the folder changes: nothing is lost to a training that cannot begin.
//
// Of many processes, process 0 alone has a folder: the others get from it what they do not read
// from the training's data.
struct Setup {
  // `run_folder` is null in all processes but 0.
  Setup(const Config& checked_config, RunFolder* run_folder, Communicator& processes);
  Setup(const Setup&) = delete;

  Config config;
  RunFolder* folder;
  ModelFolder files;
  Communicator& communicator;
  Tokenizers tokenizers;
  std::unique_ptr<Pools> pools;
  std::unique_ptr<Objective> objective;
  std::unique_ptr<Parameters> parameters;
  std::unique_ptr<Replicas> replicas;
  std::unique_ptr<Optimizer> optimizer;
  std::unique_ptr<Checkpoints> checkpoints;
  std::unique_ptr<Validator> validator;
  std::unique_ptr<MetricLog> metrics;  // null in all processes but 0
  std::unique_ptr<Batcher> batcher;
  TrainingState state;
  std::string text_checksum;                     // of the training text
  int64_t replica_count = 1, first_replica = 0;  // over all processes; before this one's

 private:
  void prepare_model(const InitialModel* initial);
  void number_replicas();
  void agree_on_validation(const std::string& arithmetic);
  bool load_state();
  void resume();
  void go_on_in_history();
  void go_on_in_data(const BatcherOptions& options);
  int64_t batch_tokens(const BatcherOptions& options);
};

}  // namespace heed
