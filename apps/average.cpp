// heed average CHECKPOINT... -o FILE: the mean of several checkpoints' weights.
#include "command.h"
#include "model/safetensors.h"
#include "training/checkpoint.h"
#include "util/files.h"
#include "util/log.h"

namespace heed {
namespace {

struct AverageFlags {
  std::vector<std::string> checkpoints;
  std::string output;
};

int average(const AverageFlags& flags) {
  std::vector<std::string> paths;
  for (const std::string& path : flags.checkpoints) {
    paths.push_back(is_folder(path) ? path + "/model.safetensors" : path);
  }
  TensorFile file{average_weights(paths), read_safetensors(paths[0]).metadata};
  write_safetensors(flags.output, file);
  log_info("wrote {}: the mean of {} checkpoints", flags.output, paths.size());
  return 0;
}

}  // namespace

void add_average(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand("average", "Average the weights of several checkpoints");
  auto flags = std::make_shared<AverageFlags>();
  command->add_option("checkpoint", flags->checkpoints, "Checkpoint folders, or safetensors files")
      ->required();
  command
      ->add_option("-o,--output", flags->output,
                   "File for the mean; as model.safetensors of a model folder it is used")
      ->required();
  command->callback([flags, &run] { run = [flags] { return average(*flags); }; });
}

}  // namespace heed
