#include "training/train.h"

#include <torch/version.h>

#include "model/device.h"
#include "training/trainer.h"
#include "util/log.h"
#include "util/version.h"

namespace heed {

int train(const Config& config, StartMode mode, const std::string& command) {
  set_up_compute(config.training.threads);
  Config whole = checked(config);
  RunFolder folder(whole.output.folder, mode);
  set_log_file(folder.files().log());  // it stays so: why a training ended is said after it
  log_info("heed {} | LibTorch {} | {}", HEED_VERSION, TORCH_VERSION, folder.files().path);
  if (!command.empty()) log_info("command: {}", command);
  Setup setup(whole, folder);
  OneProcess alone;
  return Trainer(setup, alone).run();
}

}  // namespace heed
