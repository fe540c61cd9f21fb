// heed evaluate: translate and score, or score alone.
#include <algorithm>

#include "command.h"
#include "evaluate_scores.h"
#include "evaluate_translation.h"
#include "evaluation/segment_text.h"
#include "metric_flags.h"
#include "util/error.h"
#include "util/json_text.h"
#include "util/line_counts.h"
#include "util/line_reader.h"
#include "util/log.h"
#include "util/markup.h"
#include "util/output_file.h"
#include "util/paths.h"
#include "util/text.h"

namespace heed {
namespace {

struct EvaluateFlags {
  std::string output, format = "text";
  std::vector<std::string> sources, hypotheses, references;
  bool sentence_level = false, confidence = false, paired_bootstrap = false,
       paired_randomization = false, short_names = false;
  int resamples = 1000, paired_resamples = 1000, trials = 10000;
  ScoringOptions scoring;
  MetricFlags metrics;
  TranslationFlags translation;

  const std::string& folder() const { return translation.models.folder; }
  std::vector<std::string> inputs() const {
    std::vector<std::string> all = sources;
    all.insert(all.end(), hypotheses.begin(), hypotheses.end());
    all.insert(all.end(), references.begin(), references.end());
    all.push_back(translation.lines.dictionary);
    return all;
  }
  bool paired() const { return paired_bootstrap || paired_randomization; }
  size_t texts() const { return folder().empty() ? hypotheses.size() : sources.size(); }
};

// Texts that are there already are not translated.
void warn_of_ignored(const TranslationFlags& flags) {
  std::vector<std::string> ignored;
  for (const auto& [key, value] : flags.decoding.given) ignored.push_back("decoding." + key);
  const LineOptions& lines = flags.lines.options;
  if (lines.split_sentences) ignored.emplace_back("--split-sentences");
  if (lines.split_long) ignored.emplace_back("--split-long");
  if (!lines.source_tag.empty()) ignored.emplace_back("--source-tag");
  if (lines.replace_unknown) ignored.emplace_back("--replace-unknown");
  if (ignored.empty()) return;
  log_warning("{}: nothing is translated where --hypothesis is given, and these say nothing",
              join(ignored, ", "));
}

void check_files(const EvaluateFlags& flags) {
  if (flags.hypotheses.empty() == flags.folder().empty()) {
    fail_usage("evaluate: give a model folder with --source, or --hypothesis: one of the two{}",
               flags.folder().empty() && is_folder(flags.references.back())
                   ? fmt::format(" ({} is a folder: a model goes before the flags)",
                                 flags.references.back())
                   : "");
  }
  if (!flags.folder().empty() && flags.sources.empty()) {
    fail_usage("evaluate: a model needs --source, the text to translate");
  }
  if (flags.folder().empty() && (!flags.sources.empty() || !flags.output.empty())) {
    fail_usage("evaluate: {} needs a model to translate with",
               flags.sources.empty() ? "--output" : "--source");
  }
  if (flags.folder().empty() && !flags.translation.models.more.empty()) {
    fail_usage("evaluate: --model is of a further model; the first goes before the flags");
  }
  if (flags.folder().empty()) warn_of_ignored(flags.translation);
  if (!flags.folder().empty() && flags.references.size() % flags.sources.size() != 0) {
    fail_usage("evaluate: {} sources and {} references: give each source as many references",
               flags.sources.size(), flags.references.size());
  }
  check_paths(flags.inputs(), {});
}

void check_tests(const EvaluateFlags& flags) {
  if (flags.paired_bootstrap && flags.paired_randomization) {
    fail_usage("evaluate: --paired-bs or --paired-ar, not both");
  }
  if (flags.paired() && flags.confidence) {
    fail_usage("evaluate: --confidence is for one system; --paired-bs gives intervals as well");
  }
  if (flags.paired() && flags.hypotheses.size() < 2) {
    fail_usage("evaluate: a paired test needs two or more --hypothesis, the baseline first");
  }
  if (flags.confidence && flags.hypotheses.size() > 1) {
    fail_usage("evaluate: --confidence is for one system; use --paired-bs for {}",
               flags.hypotheses.size());
  }
  if (!flags.sentence_level) return;
  if (flags.confidence || flags.paired()) {
    fail_usage("evaluate: --sentence-level has no confidence intervals and no paired tests");
  }
  if (flags.texts() > 1) {
    fail_usage("evaluate: --sentence-level scores one text; {} are given", flags.texts());
  }
}

bool has_tab(const std::string& line) { return line.find('\t') != std::string::npos; }

bool is_list_entry(const std::string& line) {
  size_t bars = line.find(" ||| ");
  return bars != std::string::npos && parse_int(trim(line.substr(0, bars))) &&
         line.find(" |||", bars + 1) != std::string::npos;
}

bool is_json_object(const std::string& line) {
  return line.starts_with('{') && strip_end(line).ends_with('}') && !json_fault(line);
}

// "00:00:01,000 --> 00:00:02,500"
bool is_cue_time(const std::string& line) {
  size_t arrow = line.find(" --> ");
  return arrow != std::string::npos && line[0] >= '0' && line[0] <= '9' &&
         line.substr(0, arrow).find(':') != std::string::npos;
}

// Tables, lists, objects and subtitles hold more than translations, and sacreBLEU takes them for
// text as well. Of a subtitle's lines one is its time.
void warn_of_forms(const Lines& lines, const std::string& path) {
  struct Form {
    bool (*fits)(const std::string& line);
    int64_t lines;  // of which one fits
    const char* name;
    const char* advice;  // what is done with it, and what to do
  };
  static constexpr Form kForms[] = {
      {has_tab, 2, "hold a TAB",
       "each is scored as one text, all its columns; if it is a table, take one column out of it "
       "(cut -f 1)"},
      {is_list_entry, 2, "are of the form `line ||| text ||| ...` of an n-best list",
       "each line is scored as a text; translate without --n-best, or take each line's best text "
       "out of it"},
      {is_json_object, 2, "are JSON objects, as of translate --format json",
       "each line is scored as a text; translate with --format text, or take \"text\" out of each "
       "(jq -r .text)"},
      {is_cue_time, 5, "are the times of subtitles",
       "each line is scored as a text; take the text out of both sides' subtitles, a line for "
       "each"},
  };
  auto written = std::ranges::count_if(lines, [](const auto& line) { return !is_blank(line); });
  for (const Form& form : kForms) {
    auto count = std::ranges::count_if(lines, form.fits);
    if (form.lines * count <= written) continue;
    log_warning("{}: {} of {} lines {}, the first is line {}: {}", path, with_commas(count),
                with_commas(std::ssize(lines)), form.name,
                with_commas(std::ranges::find_if(lines, form.fits) - lines.begin() + 1),
                form.advice);
  }
}

// The lines without white space at their ends, as sacreBLEU's command line reads them.
Lines read_segments(const std::string& path) {
  Lines lines = read_lines(path);
  refuse_markup(lines, path);
  warn_of_forms(lines, path);
  for (std::string& line : lines) line.resize(strip_end(line).size());
  return lines;
}

std::vector<Lines> read_references(std::span<const std::string> paths) {
  std::vector<Lines> references;
  for (const std::string& path : paths) references.push_back(read_segments(path));
  return references;
}

void check_lengths(const std::string& path, size_t lines, std::span<const std::string> paths,
                   const std::vector<Lines>& references) {
  for (size_t i = 0; i < references.size(); ++i) {
    check_line_counts({path, static_cast<int64_t>(lines)}, {paths[i], std::ssize(references[i])});
  }
  if (lines == 0) fail("{} has no lines: there is nothing to score", path);
}

// Among several references a blank line counts as one of length 0, as in sacreBLEU, and whatever is
// shorter than the others has no brevity penalty then.
void warn_of_blank_lines(std::span<const std::string> paths, const std::vector<Lines>& references) {
  for (size_t i = 0; i < references.size(); ++i) {
    const Lines& lines = references[i];
    auto blank = [](const std::string& line) { return is_blank(line); };
    auto first = std::ranges::find_if(lines, blank);
    if (first == lines.end()) continue;
    log_warning(
        "{}: {} of {} lines are blank, the first is line {}: each is scored as a reference without "
        "words{}",
        paths[i], with_commas(std::ranges::count_if(lines, blank)), with_commas(std::ssize(lines)),
        with_commas(first - lines.begin() + 1),
        references.size() > 1 ? ", and may change the score of its line's other references" : "");
  }
}

ScoringOptions scoring_options(const EvaluateFlags& flags) {
  ScoringOptions options = flags.scoring;
  options.json = flags.format == "json";
  options.short_names = flags.short_names && !options.json;  // a JSON object's keys are whole names
  if (flags.confidence) {
    options.resampling = Resampling::kConfidence;
    options.samples = flags.resamples;
  } else if (flags.paired_bootstrap) {
    options.resampling = Resampling::kPairedBootstrap;
    options.samples = flags.paired_resamples;
  } else if (flags.paired_randomization) {
    options.resampling = Resampling::kPairedRandomization;
    options.samples = flags.trials;
  }
  return options;
}

void score_one(const Metrics& metrics, const ScoredText& text, const EvaluateFlags& flags,
               OutputFile& out) {
  auto score = flags.sentence_level ? score_sentences : score_text;
  score(metrics, text, scoring_options(flags), out);
}

void evaluate_systems(const EvaluateFlags& flags, const Metrics& metrics, OutputFile& out) {
  const std::vector<Lines> references = read_references(flags.references);
  warn_of_blank_lines(flags.references, references);
  std::vector<ScoredText> systems;
  for (const std::string& path : flags.hypotheses) {
    bool again = std::ranges::count(systems, path, &ScoredText::name) > 0;
    // A pattern like out/*.txt may well hold the baseline too.
    if (again && flags.paired() && path == systems[0].name) {
      log_info("{} is the baseline: not compared with itself", path);
      continue;
    }
    if (again) fail_usage("--hypothesis {}: given twice", path);
    systems.push_back({path, read_segments(path), &references});
    check_lengths(path, systems.back().hypotheses.size(), flags.references, references);
  }
  if (systems.size() == 1 && !flags.paired()) return score_one(metrics, systems[0], flags, out);
  score_systems(metrics, systems, scoring_options(flags), out);
}

void evaluate_model(const EvaluateFlags& flags, const Metrics& metrics, OutputFile& out) {
  const size_t each = flags.references.size() / flags.sources.size();
  std::vector<SourceText> sources;
  std::vector<std::vector<Lines>> references;
  for (size_t i = 0; i < flags.sources.size(); ++i) {
    auto paths = std::span(flags.references).subspan(i * each, each);
    sources.push_back({flags.sources[i], "", read_lines(flags.sources[i])});
    refuse_markup(sources[i].lines, flags.sources[i]);
    references.push_back(read_references(paths));
    check_lengths(flags.sources[i], sources[i].lines.size(), paths, references[i]);
    warn_of_blank_lines(paths, references[i]);
  }
  std::vector<std::string> outputs = output_paths(flags.output, flags.sources);
  check_paths(flags.inputs(), outputs);
  check_paths(model_files(flags.translation.models.folders()), outputs);
  for (size_t i = 0; i < sources.size(); ++i) sources[i].output = outputs[i];
  std::vector<Lines> translations = translate_sources(flags.translation, sources);
  std::vector<ScoredText> sets;
  for (size_t i = 0; i < sources.size(); ++i) {
    for (std::string& line : translations[i]) line.resize(strip_end(line).size());
    sets.push_back({sources[i].path, std::move(translations[i]), &references[i]});
  }
  if (sets.size() == 1) return score_one(metrics, sets[0], flags, out);
  score_test_sets(metrics, sets, scoring_options(flags), out);
}

int evaluate(const EvaluateFlags& flags) {
  check_files(flags);
  check_tests(flags);
  set_log_quiet(flags.translation.compute.quiet);
  Metrics metrics = flags.metrics.make(flags.sentence_level);
  OutputFile out("-");
  auto run = flags.folder().empty() ? evaluate_systems : evaluate_model;
  run(flags, metrics, out);
  out.close();
  return 0;
}

void add_file_flags(CLI::App& command, EvaluateFlags& flags) {
  flags.translation.models.add_to(command)->description("Model folder: translate --source first");
  command.add_option("--source", flags.sources, "Text to translate; again for more test sets");
  command.add_option("--hypothesis", flags.hypotheses,
                     "Translations to score, without a model; again for more systems");
  command
      .add_option("--reference", flags.references,
                  "Reference translations; again for more. With several sources the first source "
                  "has the first of them, and so on, each as many")
      ->required();
  command.add_option("-o,--output", flags.output,
                     "Keep the translations in this file, or in files of the sources' names in "
                     "this folder");
}

void add_test_flags(CLI::App& command, EvaluateFlags& flags) {
  const char* group = "Confidence";
  auto count = whole_number(2, 10'000'000);
  auto* confidence = command
                         .add_flag("--confidence", flags.confidence,
                                   "Mean and 95% interval of one system's scores by bootstrap")
                         ->group(group);
  command.add_option("--confidence-n", flags.resamples, "Resamples of --confidence")
      ->check(count)
      ->needs(confidence)
      ->capture_default_str()
      ->group(group);
  auto* bootstrap = command
                        .add_flag("--paired-bs", flags.paired_bootstrap,
                                  "Do systems differ from the first one? By paired bootstrap")
                        ->group(group);
  command.add_option("--paired-bs-n", flags.paired_resamples, "Resamples of --paired-bs")
      ->check(count)
      ->needs(bootstrap)
      ->capture_default_str()
      ->group(group);
  auto* randomization = command
                            .add_flag("--paired-ar", flags.paired_randomization,
                                      "The same by paired approximate randomization")
                            ->group(group);
  command.add_option("--paired-ar-n", flags.trials, "Trials of --paired-ar")
      ->check(count)
      ->needs(randomization)
      ->capture_default_str()
      ->group(group);
  command.add_option("--seed", flags.scoring.seed, "Of resamples and trials; sacreBLEU's own")
      ->check(whole_number(int64_t{0}, INT64_MAX))
      ->capture_default_str()
      ->group(group);
}

void add_format_flags(CLI::App& command, EvaluateFlags& flags) {
  command.add_flag("--sentence-level", flags.sentence_level, "Score each line on its own");
  command.add_option("--format", flags.format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command.add_option("--width", flags.scoring.format.width, "Digits behind the decimal point")
      ->check(whole_number(0, 15))
      ->capture_default_str();
  command.add_flag("--score-only", flags.scoring.format.score_only, "Numbers without signatures");
  command.add_flag("--short", flags.short_names, "Shorter names in a text's signature");
}

}  // namespace

void add_evaluate(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand("evaluate", "Score translations as sacreBLEU does");
  auto flags = std::make_shared<EvaluateFlags>();
  add_file_flags(*command, *flags);
  flags->metrics.add_to(*command);
  add_test_flags(*command, *flags);
  add_format_flags(*command, *flags);
  flags->translation.lines.add_to(*command);
  flags->translation.decoding.add_to(*command);
  flags->translation.compute.add_to(*command);
  command->callback([flags, &run] {
    run = {.work = [flags] { return evaluate(*flags); },
           .needs_libtorch = !flags->folder().empty()};
  });
}

}  // namespace heed
