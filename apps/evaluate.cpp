// heed evaluate: translate and score, or score alone.
#include <nlohmann/json.hpp>

#include "command.h"
#include "decoding/translator.h"
#include "evaluation/bleu.h"
#include "evaluation/chrf.h"
#include "evaluation/ter.h"
#include "util/error.h"
#include "util/log.h"
#include "util/text.h"

namespace heed {
namespace {

struct EvaluateFlags {
  std::string folder, source, hypothesis, output, tokenize = "13a", metrics = "bleu",
                                                  format = "text";
  std::vector<std::string> references;
  bool lowercase = false;
  ComputeFlags compute;
  DecodingFlags decoding;
};

std::unique_ptr<Metric> make_metric(const std::string& name, const EvaluateFlags& flags) {
  if (name == "bleu") {
    BleuOptions options;
    options.tokenize = flags.tokenize;
    options.lowercase = flags.lowercase;
    return std::make_unique<Bleu>(options);
  }
  if (name == "chrf" || name == "chrf++") {
    ChrfOptions options;
    options.word_order = name == "chrf" ? 0 : 2;
    options.lowercase = flags.lowercase;
    return std::make_unique<Chrf>(options);
  }
  if (name == "ter") return std::make_unique<Ter>(TerOptions{});
  fail_usage("--metrics {}: unknown metric; expected some of bleu, chrf, chrf++, ter", name);
}

std::vector<std::string> translate_file(const EvaluateFlags& flags) {
  Placement placement = flags.compute.apply();
  LoadedModel loaded = load_models({flags.folder}, placement);
  DecodingConfig decoding = flags.decoding.over(loaded.bundle.config);
  Translator translator(loaded.bundle, loaded.model, search_options(decoding), decoding.batch_size);
  std::vector<std::string> hypotheses;
  LineReader input(flags.source);
  translator.stream(
      input,
      [&](const std::string&, const std::vector<Translation>& best) {
        hypotheses.push_back(best[0].text);
      },
      [] {});
  translator.warn_of_limits();
  return hypotheses;
}

void check_flags(const EvaluateFlags& flags) {
  if (flags.hypothesis.empty() == flags.folder.empty()) {
    fail_usage("evaluate: give a model folder with --source, or --hypothesis: one of the two");
  }
  if (!flags.folder.empty() && flags.source.empty()) {
    fail_usage("evaluate: a model needs --source, the text to translate");
  }
}

int evaluate(const EvaluateFlags& flags) {
  check_flags(flags);
  set_log_quiet(flags.compute.quiet);
  std::vector<std::vector<std::string>> references;
  for (const std::string& path : flags.references) references.push_back(read_lines(path));
  const std::string& given = flags.folder.empty() ? flags.hypothesis : flags.source;
  size_t lines = read_lines(given).size();
  for (size_t i = 0; i < references.size(); ++i) {
    if (references[i].size() == lines) continue;
    fail("{} has {} lines and {} has {}: each line needs its reference", given, lines,
         flags.references[i], references[i].size());
  }
  std::vector<std::unique_ptr<Metric>> metrics;
  for (const std::string& name : split(flags.metrics, ','))
    metrics.push_back(make_metric(name, flags));
  auto hypotheses = flags.folder.empty() ? read_lines(flags.hypothesis) : translate_file(flags);
  if (!flags.output.empty()) {
    OutputFile output(flags.output);
    for (const std::string& line : hypotheses) output.write(line + "\n");
    output.close();
  }
  SignatureContext context;
  context.references = static_cast<int>(references.size());
  std::vector<nlohmann::ordered_json> objects;
  OutputFile out("-");
  for (const auto& metric : metrics) {
    Score score = metric->corpus(hypotheses, references);
    std::string signature = metric->signature(context);
    if (flags.format == "text") out.write(score_line(score, signature) + "\n");
    objects.push_back(score_json(score, signature));
  }
  if (flags.format == "json") {
    out.write((objects.size() == 1 ? objects[0] : nlohmann::ordered_json(objects)).dump(1) + "\n");
  }
  out.close();
  return 0;
}

}  // namespace

void add_evaluate(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand("evaluate", "Score translations as sacreBLEU does");
  auto flags = std::make_shared<EvaluateFlags>();
  command->add_option("folder", flags->folder, "Model folder: translate --source first");
  command->add_option("--source", flags->source, "Text to translate");
  command->add_option("--hypothesis", flags->hypothesis, "Translations to score, without a model");
  command->add_option("--reference", flags->references, "Reference translations; again for more")
      ->required();
  command->add_option("-o,--output", flags->output, "Keep the translations in this file");
  command->add_option("--metrics", flags->metrics, "Some of bleu,chrf,chrf++,ter")
      ->capture_default_str();
  command->add_option("--tokenize", flags->tokenize, "BLEU's tokeniser")
      ->check(CLI::IsMember({"13a", "intl", "char", "zh", "none"}))
      ->capture_default_str();
  command->add_flag("--lowercase", flags->lowercase, "Without regard to case");
  command->add_option("--format", flags->format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  flags->decoding.add_to(*command);
  flags->compute.add_to(*command);
  command->callback([flags, &run] { run = [flags] { return evaluate(*flags); }; });
}

}  // namespace heed
