// heed score MODEL: log-probability of each given translation.
#include <set>

#include "command.h"
#include "decoding/scorer.h"
#include "util/error.h"
#include "util/line_reader.h"
#include "util/log.h"
#include "util/output_file.h"
#include "util/text.h"

namespace heed {
namespace {

struct ScoreFlags {
  ModelFlags models;
  std::string source, target, output = "-";
  ComputeFlags compute;
  DecodingFlags decoding;
};

// The flags of translate may be given here too; most of them are of the search.
void warn_of_ignored(const DecodingFlags& flags) {
  static const std::set<std::string> taken = {"length_penalty", "coverage_penalty", "batch_size",
                                              "max_length_ratio"};
  for (const auto& [key, text] : flags.given) {
    if (!taken.contains(key)) log_warning("decoding.{} = {}: says nothing to score", key, text);
  }
}

int score(const ScoreFlags& flags) {
  check_paths({flags.source, flags.target}, {flags.output});
  set_log_quiet(flags.compute.quiet);
  warn_of_ignored(flags.decoding);
  std::vector<std::string> sources = read_lines(flags.source), targets = read_lines(flags.target);
  if (sources.size() != targets.size()) {
    fail(
        "{} has {} lines and {} has {}: line i of one must be the translation of line i of the "
        "other",
        flags.source, sources.size(), flags.target, targets.size());
  }
  LoadedModel model = load_models(flags.models.folders(), flags.compute.choice);
  DecodingConfig decoding = flags.decoding.over(model.config);
  EngineOptions options = engine_options(SearchOptions(decoding), {}, flags.compute);
  NoteLog notes(flags.source);
  OutputFile output(flags.output);
  for (const Translation& line : score_lines(model, options, sources, targets, notes)) {
    output.write(
        fmt::format("{:.4f}\t{:.4f}\t{}\n", line.score, line.log_probability, line.length));
  }
  output.close();
  notes.warn_of_totals(model.config.data, decoding);
  return 0;
}

}  // namespace

void add_score(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand(
      "score", "For each given translation: log P / |y|^A, log P and |y|, separated by TABs");
  auto flags = std::make_shared<ScoreFlags>();
  flags->models.add_to(*command)->required();
  command->add_option("--source", flags->source, "Source text")->required();
  command->add_option("--target", flags->target, "Its given translations")->required();
  command->add_option("-o,--output", flags->output, "- is standard output");
  flags->decoding.add_to(*command);
  flags->compute.add_to(*command);
  command->callback([flags, &run] { run = [flags] { return score(*flags); }; });
}

}  // namespace heed
