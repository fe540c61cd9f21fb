// heed import SOURCE -o MODEL: a model of another toolkit becomes a model folder.
#include "exchange/import.h"

#include "command.h"

namespace heed {

void add_import(CLI::App& app, Run& run) {
  struct Flags {
    std::string source, output;
  };
  auto* command = app.add_subcommand("import", "Make a model folder of another toolkit's model");
  auto flags = std::make_shared<Flags>();
  command
      ->add_option("source", flags->source,
                   "Folder or zip file of OPUS-MT as Marian wrote it, or a folder of MarianMTModel "
                   "as Hugging Face has it")
      ->required();
  command->add_option("-o,--output", flags->output, "The model folder, which must not be there yet")
      ->required();
  command->callback([flags, &run] {
    run.work = [flags] {
      import_model(flags->source, flags->output);
      return 0;
    };
  });
}

}  // namespace heed
