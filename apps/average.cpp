// heed average CHECKPOINT... -o MODEL: the mean of several checkpoints' weights.
#include "command.h"
#include "training/train.h"

namespace heed {
namespace {

struct AverageFlags {
  std::vector<std::string> checkpoints;
  std::string output;
};

}  // namespace

void add_average(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand("average", "Average the weights of several checkpoints");
  auto flags = std::make_shared<AverageFlags>();
  command->add_option("checkpoint", flags->checkpoints, "Checkpoint folders, or safetensors files")
      ->required();
  command
      ->add_option("-o,--output", flags->output,
                   "Model folder for the mean, or a file that ends in .safetensors")
      ->required();
  command->callback([flags, &run] {
    run.work = [flags] {
      average_checkpoints(flags->checkpoints, flags->output);
      return 0;
    };
  });
}

}  // namespace heed
