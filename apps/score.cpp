// heed score MODEL: log-probability of each given translation.
#include "command.h"
#include "decoding/translator.h"
#include "util/error.h"
#include "util/text.h"

namespace heed {
namespace {

struct ScoreFlags {
  std::string folder, source, target, output = "-";
  std::vector<std::string> more_models;
  ComputeFlags compute;
  DecodingFlags decoding;
};

int score(const ScoreFlags& flags) {
  Placement placement = flags.compute.apply();
  std::vector<std::string> sources = read_lines(flags.source), targets = read_lines(flags.target);
  if (sources.size() != targets.size()) {
    fail(
        "{} has {} lines and {} has {}: line i of one must be the translation of line i of the "
        "other",
        flags.source, sources.size(), flags.target, targets.size());
  }
  std::vector<std::string> folders = {flags.folder};
  folders.insert(folders.end(), flags.more_models.begin(), flags.more_models.end());
  LoadedModel loaded = load_models(folders, placement);
  DecodingConfig decoding = flags.decoding.over(loaded.bundle.config);
  Translator translator(loaded.bundle, loaded.model, search_options(decoding), decoding.batch_size);
  OutputFile output(flags.output);
  for (const Translation& line : translator.score(sources, targets)) {
    output.write(fmt::format("{:.4f}\t{:.4f}\t{}\n", line.score, line.log_probability,
                             line.target_pieces.size()));
  }
  output.close();
  translator.warn_of_limits();
  return 0;
}

}  // namespace

void add_score(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand(
      "score", "For each given translation: log P / |y|^A, log P and |y|, separated by TABs");
  auto flags = std::make_shared<ScoreFlags>();
  command->add_option("folder", flags->folder, "Model folder")->required();
  command->add_option("--source", flags->source, "Source text")->required();
  command->add_option("--target", flags->target, "Its given translations")->required();
  command->add_option("-o,--output", flags->output, "- is standard output");
  command->add_option("--model", flags->more_models, "A further model folder, for an ensemble");
  flags->decoding.add_to(*command);
  flags->compute.add_to(*command);
  command->callback([flags, &run] { run = [flags] { return score(*flags); }; });
}

}  // namespace heed
