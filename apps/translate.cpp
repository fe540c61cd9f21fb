// heed translate MODEL: one line out for every line in.
#include "alignment/pharaoh.h"
#include "command.h"
#include "decoding/output_form.h"
#include "decoding/shards.h"
#include "decoding/shortlist.h"
#include "decoding/stream.h"
#include "util/descriptors.h"
#include "util/error.h"
#include "util/line_reader.h"
#include "util/log.h"
#include "util/output_file.h"
#include "util/paths.h"
#include "util/text.h"

namespace heed {
namespace {

struct TranslateFlags {
  ModelFlags models;
  std::string input = "-", output = "-", format, alignment, alignment_unit = "word";
  std::string shard;
  int64_t n_best = 1;
  bool resume = false;
  bool scores = false;
  StreamOptions stream;
  LineFlags lines;
  ComputeFlags compute;
  DecodingFlags decoding;
};

OutputForm output_form(const TranslateFlags& flags) {
  if (flags.scores && !flags.format.empty() && flags.format != "text") {
    fail_usage("--scores goes with --format text; {} has scores of its own", flags.format);
  }
  if (flags.format == "json") return OutputForm::kJson;
  if (flags.format == "tabs") return OutputForm::kTabs;
  if (flags.format == "moses" || (flags.format.empty() && flags.n_best > 1)) {
    return OutputForm::kMoses;
  }
  if (flags.n_best > 1) {
    fail_usage(
        "--format text has one line for each line in: for --n-best {} take moses, tabs or "
        "json",
        flags.n_best);
  }
  return flags.scores ? OutputForm::kScore : OutputForm::kText;
}

// Flags that contradict each other or the options of the search.
void check_flags(const TranslateFlags& flags, const DecodingConfig& decoding) {
  bool chosen = !decoding.sampling() || decoding.mbr != "off";  // among beam_size hypotheses
  if (chosen && flags.n_best > decoding.beam_size) {
    fail_usage("--n-best {}: a beam of {} finds no more than that; set --beam-size {} or more",
               flags.n_best, decoding.beam_size, flags.n_best);
  }
  bool split = flags.lines.options.split_sentences || flags.lines.options.split_long;
  bool demanding = !flags.stream.files.prefix.empty() || !flags.stream.files.constraints.empty();
  if (split && (flags.n_best > 1 || demanding)) {
    fail_usage(
        "--split-sentences and --split-long translate a line in parts: --n-best, --prefix "
        "and --constraints are of whole lines");
  }
  if (decoding.sampling() && !flags.stream.files.constraints.empty()) {
    fail_usage(
        "--constraints {}: phrases are put in by a search, and sampling_top_k = {}, "
        "sampling_top_p = {}, temperature = {} ask for samples: set one or the other",
        flags.stream.files.constraints, decoding.sampling_top_k, decoding.sampling_top_p,
        decoding.temperature);
  }
}

// --resume: cuts off what an interrupted run has not finished, and returns how many lines of input
// are done with. The alignment has a line for each line of the output.
int64_t keep_whole_output(const TranslateFlags& flags, const OutputOptions& form,
                          const LineRange& range) {
  OutputRule rule{form.form, flags.n_best, range.skipped, form.utility}, links{OutputForm::kText};
  bool aligned = !flags.alignment.empty();
  bool begun = look_at_output(flags.output, rule).lines > 0;
  if (aligned && begun && !file_exists(flags.alignment)) {
    fail(
        "{}: the interrupted run has left no alignment there, beside {}: give its flags, or "
        "another -o",
        flags.alignment, flags.output);
  }
  int64_t most = aligned ? look_at_output(flags.alignment, links).lines : INT64_MAX;
  LeftOutput kept = look_at_output(flags.output, rule, most);
  resize_file(flags.output, kept.bytes);
  if (aligned) {
    resize_file(flags.alignment, look_at_output(flags.alignment, links, kept.lines).bytes);
  }
  log_info("resume: {} lines are translated already", with_commas(kept.inputs));
  return kept.inputs;
}

void check_resume(const TranslateFlags& flags) {
  if (!flags.resume) return;
  for (const std::string& path : {flags.output, flags.alignment}) {
    if (path == "-" || descriptors::is_special(path)) {
      fail_usage("--resume goes on with a file: give one by -o (and --alignment), not {}",
                 path == "-" ? "standard output" : path);
    }
  }
}

int translate(const TranslateFlags& flags) {
  check_resume(flags);
  check_paths({flags.input, flags.stream.files.prefix, flags.stream.files.constraints,
               flags.lines.dictionary},
              {flags.output, flags.alignment});
  set_log_quiet(flags.compute.quiet);
  StreamOptions stream = flags.stream;
  if (!flags.shard.empty()) stream.range = find_shard(flags.input, parse_shard(flags.shard));
  OutputOptions form{output_form(flags),
                     flags.alignment_unit == "piece" ? AlignmentUnit::kPiece : AlignmentUnit::kWord,
                     false};
  check_paths(model_files(flags.models.folders()), {flags.output, flags.alignment});
  LoadedModel model = load_models(flags.models.folders(), flags.compute.choice);
  DecodingConfig decoding = flags.decoding.over(model.config);
  check_flags(flags, decoding);
  form.utility = decoding.mbr != "off";
  SearchOptions search(decoding);
  search.lexicon = load_shortlist(flags.models.folders(), model, decoding);
  search.n_best = flags.n_best;
  search.want_attention = !flags.alignment.empty() || form.form == OutputForm::kJson;
  Engine engine(model, engine_options(search, flags.lines, flags.compute));
  if (flags.resume) stream.range.skipped += keep_whole_output(flags, form, stream.range);
  OutputMode mode = flags.resume ? OutputMode::kAppend : OutputMode::kReplace;
  LineReader input(flags.input);
  OutputFile output(flags.output, mode);
  std::unique_ptr<OutputFile> alignment;
  if (!flags.alignment.empty()) alignment = std::make_unique<OutputFile>(flags.alignment, mode);
  stream.silent = output.is_terminal();
  int64_t line = stream.range.skipped;
  NoteLog notes(input.path(), stream.files);
  translate_stream(
      engine, input, stream,
      [&](const std::string&, const std::vector<Translation>& best) {
        output.write(print_translations(line++, best, form));
        for (size_t i = 0; alignment && i < best.size(); ++i) {
          alignment->write(print_pharaoh(hard_alignment(best[i], form.unit)) + "\n");
        }
      },
      [&] {
        output.flush();
        if (alignment) alignment->flush();
      },
      notes);
  output.close();
  if (alignment) alignment->close();
  notes.warn_of_totals(model.config.data, decoding);
  return 0;
}

void add_output_flags(CLI::App& command, TranslateFlags& flags) {
  command.add_option("-o,--output", flags.output, "Translations; - is standard output");
  command.add_flag("--resume", flags.resume,
                   "Go on behind the last whole line that an interrupted run has written to -o");
  command
      .add_option("--format", flags.format,
                  "text (a line each), moses (`line ||| text ||| features ||| score`), tabs (line, "
                  "rank, score, log P, length, text) or json (an object a line, with pieces, "
                  "alignment and attention); unless given, text, and moses for n-best lists")
      ->check(CLI::IsMember({"text", "moses", "tabs", "json"}));
  command.add_option("--n-best", flags.n_best, "So many translations (or samples) a line")
      ->check(whole_number(1, 1000));
  command.add_flag("--scores", flags.scores, "Put log P / |y|^A and a TAB before each translation");
  command.add_option("--alignment", flags.alignment,
                     "File for alignments by attention (Pharaoh pairs 0-0 1-2), a line for each "
                     "translation printed");
  command.add_option("--alignment-unit", flags.alignment_unit, "What they number: word or piece")
      ->check(CLI::IsMember({"word", "piece"}))
      ->capture_default_str();
}

void add_input_flags(CLI::App& command, TranslateFlags& flags) {
  command.add_option("-i,--input", flags.input, "Text to translate; - is standard input");
  command.add_option(
      "--shard", flags.shard,
      "K/N: only part K (from 1) of N of the input, which must be a file; the parts' "
      "outputs one after another are the whole's");
  command
      .add_option("--latency", flags.stream.latency,
                  "Milliseconds that a line may wait for others to be translated with it")
      ->check(whole_number(0, 3600000))
      ->capture_default_str();
  command.add_option("--prefix", flags.stream.files.prefix,
                     "File with the beginning of each line's translation; blank: any");
  command.add_option("--constraints", flags.stream.files.constraints,
                     "File with phrases that each line's translation must hold, between TABs");
  flags.lines.add_to(command);
}

}  // namespace

void add_translate(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand("translate", "Translate lines, each to one line");
  auto flags = std::make_shared<TranslateFlags>();
  flags->models.add_to(*command)->required();
  add_input_flags(*command, *flags);
  add_output_flags(*command, *flags);
  flags->decoding.add_to(*command);
  flags->compute.add_to(*command);
  command->callback([flags, &run] { run.work = [flags] { return translate(*flags); }; });
}

}  // namespace heed
