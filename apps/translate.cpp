// heed translate MODEL: one line out for every line in.
#include "command.h"
#include "decoding/translator.h"
#include "util/error.h"
#include "util/log.h"
#include "util/text.h"

namespace heed {
namespace {

struct TranslateFlags {
  std::string folder, input = "-", output = "-", alignment;
  std::vector<std::string> more_models;
  int64_t n_best = 1;
  bool scores = false;
  ComputeFlags compute;
  DecodingFlags decoding;
};

// The separator of n-best fields must not come from the text: "|||" becomes "&#124;&#124;&#124;".
std::string escape_field(std::string text) {
  const std::string bars = "|||", escaped = "&#124;&#124;&#124;";
  for (size_t at = 0; (at = text.find(bars, at)) != std::string::npos; at += escaped.size()) {
    text.replace(at, bars.size(), escaped);
  }
  return text;
}

// One input line's translations, in the form that the flags ask for.
std::string format(const TranslateFlags& flags, int64_t line,
                   const std::vector<Translation>& best) {
  if (flags.n_best == 1) {
    const Translation& first = best[0];
    return flags.scores ? fmt::format("{:.4f}\t{}\n", first.score, first.text) : first.text + "\n";
  }
  std::string text;
  for (size_t i = 0; i < best.size() && static_cast<int64_t>(i) < flags.n_best; ++i) {
    text += fmt::format("{} ||| {} ||| logprob={:.4f} length={} ||| {:.4f}\n", line,
                        escape_field(best[i].text), best[i].log_probability,
                        best[i].target_pieces.size(), best[i].score);
  }
  return text;
}

int translate(const TranslateFlags& flags) {
  Placement placement = flags.compute.apply();
  std::vector<std::string> folders = {flags.folder};
  folders.insert(folders.end(), flags.more_models.begin(), flags.more_models.end());
  LoadedModel loaded = load_models(folders, placement);
  DecodingConfig decoding = flags.decoding.over(loaded.bundle.config);
  if (flags.n_best > decoding.beam_size) {
    fail_usage("--n-best {}: a beam of {} finds no more than that; set --beam-size {} or more",
               flags.n_best, decoding.beam_size, flags.n_best);
  }
  SearchOptions options = search_options(decoding);
  options.want_attention = !flags.alignment.empty();
  Translator translator(loaded.bundle, loaded.model, options, decoding.batch_size);
  LineReader input(flags.input);
  OutputFile output(flags.output);
  std::unique_ptr<OutputFile> alignment;
  if (options.want_attention) alignment = std::make_unique<OutputFile>(flags.alignment);
  int64_t line = 0;
  translator.stream(
      input,
      [&](const std::string&, const std::vector<Translation>& best) {
        output.write(format(flags, line++, best));
        if (alignment) alignment->write(hard_alignment(best[0]) + "\n");
      },
      [&] { output.flush(); });
  output.close();
  if (alignment) alignment->close();
  translator.warn_of_limits();
  return 0;
}

}  // namespace

void add_translate(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand("translate", "Translate lines, each to one line");
  auto flags = std::make_shared<TranslateFlags>();
  command->add_option("folder", flags->folder, "Model folder")->required();
  command->add_option("-i,--input", flags->input, "Text to translate; - is standard input");
  command->add_option("-o,--output", flags->output, "Translations; - is standard output");
  command->add_option("--model", flags->more_models, "A further model folder, for an ensemble");
  command
      ->add_option("--n-best", flags->n_best,
                   "So many translations a line, as `id ||| text ||| features ||| score`")
      ->check(CLI::Range(1, 1000));
  command->add_flag("--scores", flags->scores,
                    "Put log P / |y|^A and a TAB before each translation");
  command->add_option("--alignment", flags->alignment,
                      "File for word alignments by attention (Pharaoh pairs 0-0 1-2)");
  flags->decoding.add_to(*command);
  flags->compute.add_to(*command);
  command->callback([flags, &run] { run = [flags] { return translate(*flags); }; });
}

}  // namespace heed
