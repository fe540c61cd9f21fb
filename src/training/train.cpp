#include "training/train.h"

#include <torch/version.h>

#include <cstdlib>
#include <optional>

#include "data/data_files.h"
#include "model/device.h"
#include "training/trainer.h"
#include "util/error.h"
#include "util/log.h"
#include "util/version.h"

namespace heed {

namespace {

// A process that is not asked for a number of threads shares the machine with the others there.
void share_threads(const TrainingConfig& config, Communicator& communicator) {
  int64_t here = processes_here(communicator);
  if (config.threads > 0 || here == 1) return;
  set_up_compute(std::max<int64_t>(1, thread_count(0) / here));
}

int train_with(Communicator& communicator, const Config& config, StartMode mode,
               const std::string& command) {
  share_threads(config.training, communicator);
  Config whole = checked(config);
  std::optional<RunFolder> folder;
  if (communicator.leads()) {
    folder.emplace(whole.output.folder, mode);
    set_log_file(folder->files().log());  // it stays so: why a training ended is said after it
    log_info("heed {} | LibTorch {} | {}", HEED_VERSION, TORCH_VERSION, folder->files().path);
    if (!command.empty()) log_info("command: {}", command);
  }
  int signal = 0;
  {
    Setup setup(whole, folder ? &*folder : nullptr, communicator);
    signal = Trainer(setup, communicator).run();
  }  // whose thread that reads must have ended before the others are left
  communicator.finish();
  return signal;
}

}  // namespace

int train(const Config& config, StartMode mode, const std::string& command) {
  set_up_compute(config.training.threads);
  Launch launch = launch_from(getenv);
  if (launch.rank > 0) log_errors_only();
  std::string name = launch.rank > 0 ? fmt::format("rank {}: ", launch.rank) : "";
  std::unique_ptr<Communicator> communicator;
  try {
    if (launch.size > 1) check_read_by_all(config);
    communicator = join_processes(launch, config.training);
    return train_with(*communicator, config, mode, command);
  } catch (const std::exception& error) {
    std::string message = error.what();
    if (communicator) communicator->leave(message.substr(0, message.find('\n')));
    if (dynamic_cast<const UsageError*>(&error)) throw UsageError(name + message);
    if (dynamic_cast<const Error*>(&error)) throw Error(name + message);
    throw;
  }
}

}  // namespace heed
