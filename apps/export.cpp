// heed export MODEL --format ctranslate2|huggingface -o OUT: a model folder for another toolkit.
#include "exchange/export.h"

#include "command.h"

namespace heed {

void add_export(CLI::App& app, Run& run) {
  struct Flags {
    std::string folder, format, output;
  };
  auto* command = app.add_subcommand("export", "Make another toolkit's model of a model folder");
  auto flags = std::make_shared<Flags>();
  command->add_option("folder", flags->folder, "Model folder")->required();
  command->add_option("--format", flags->format, "ctranslate2, or huggingface (MarianMTModel)")
      ->check(CLI::IsMember({"ctranslate2", "huggingface"}))
      ->required();
  command->add_option("-o,--output", flags->output, "The folder, which must not be there yet")
      ->required();
  command->callback([flags, &run] {
    run.work = [flags] {
      export_model(flags->folder, flags->format, flags->output);
      return 0;
    };
  });
}

}  // namespace heed
