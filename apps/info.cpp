// heed info: what this build and this machine can do, or what a model is.
#include "command.h"
#include "inference/describe.h"
#include "training/launch.h"

namespace heed {
namespace {

std::string describe_processes() {
  return fmt::format("processes  {}\n", has_gloo() ? "one or many (training, by Gloo)"
                                                   : "one (built without Gloo's headers)");
}

}  // namespace

void add_info(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand("info", "Describe this build and machine, or a model");
  auto folder = std::make_shared<std::string>();
  command->add_option("folder", *folder, "Model folder, or the folder of a checkpoint");
  command->callback([folder, &run] {
    run.work = [folder] {
      write_whole(
          "-", folder->empty() ? describe_build() + describe_processes() : describe_model(*folder));
      return 0;
    };
  });
}

}  // namespace heed
