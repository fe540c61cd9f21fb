// heed score MODEL: log-probability of each given translation.
#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <unordered_map>

#include "command.h"
#include "data/tags.h"
#include "decoding/n_best_list.h"
#include "decoding/scorer.h"
#include "util/error.h"
#include "util/line_counts.h"
#include "util/line_reader.h"
#include "util/log.h"
#include "util/markup.h"
#include "util/output_file.h"
#include "util/progress.h"
#include "util/text.h"

namespace heed {
namespace {

struct ScoreFlags {
  ModelFlags models;
  std::string source, target, n_best, output = "-";
  std::string feature = "heed", source_tag;
  std::optional<double> weight;
  bool backward = false;
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

constexpr double kLargestWeight = 1e6;

void check_flags(const ScoreFlags& flags) {
  check_paths({flags.source, flags.target, flags.n_best}, {flags.output});
  if (flags.target.empty() == flags.n_best.empty()) {
    fail_usage("score: give either --target, a translation a line, or --n-best, a list");
  }
  if (flags.n_best.empty() && (flags.backward || flags.weight)) {
    fail_usage("score: --backward and --weight are of an n-best list; give --n-best");
  }
  if (flags.weight && !(std::abs(*flags.weight) <= kLargestWeight)) {
    fail_usage("score: --weight {}: expected a number from {} to {}", *flags.weight,
               -kLargestWeight, kLargestWeight);
  }
  if (flags.feature.empty() || flags.feature.find_first_of(" \t|=") != std::string::npos) {
    fail_usage("score: --feature \"{}\": a name without spaces, | and =", flags.feature);
  }
}

// As if the tag stood in the text.
std::string tagged(const std::string& text, const ScoreFlags& flags) {
  return flags.source_tag.empty() ? text : flags.source_tag + " " + text;
}

// An n-best list on its way from file to file, some thousand entries at a time.
class ListScorer {
 public:
  ListScorer(const ScoreFlags& flags, const LoadedModel& model, const EngineOptions& options,
             const std::vector<std::string>& sources, NoteLog& notes)
      : flags_(flags), model_(model), options_(options), sources_(sources), notes_(notes) {}

  void run(OutputFile& output) {
    LineReader list(flags_.n_best);
    std::optional<Progress> progress;
    if (!output.is_terminal()) {
      progress.emplace(
          Work{.what = "scoring " + short_name(list.path()), .total = list.file_bytes()});
    }
    for (std::string raw; list.next(raw);) {
      NBestEntry entry = checked(raw, fmt::format("{}:{}", list.path(), list.lines_read()));
      bool another = !entries_.empty() && entry.line != entries_.back().line;
      if (flags_.weight) check_together(entry, list.lines_read());
      if (another && entries_.size() >= kTogether) {
        write(output);
        if (progress) progress->reach(list.file_offset());
      }
      entries_.push_back(std::move(entry));
    }
    list.warn_of_repairs();
    write(output);
  }

 private:
  static constexpr size_t kTogether = 4096;

  NBestEntry checked(const std::string& raw, const std::string& where) const {
    NBestEntry entry = parse_n_best(raw, where);
    if (entry.line < 0 || entry.line >= std::ssize(sources_)) {
      fail("{}: line {}: {} has {} lines, numbered from 0", where, entry.line, flags_.source,
           sources_.size());
    }
    if (flags_.weight && !entry.score) fail("{}: no score to add --weight to", where);
    return entry;
  }

  // A line's best is found among all of its translations.
  void check_together(const NBestEntry& entry, int64_t number) {
    auto [last, is_new] = last_of_line_.emplace(entry.line, number);
    if (!is_new && last->second != number - 1) {
      fail(
          "{}:{}: line {} comes again, and was in line {} of the list: --weight puts the best of "
          "each line first, so that its translations must stand together (sort -n -s)",
          flags_.n_best, number, entry.line, last->second);
    }
    last->second = number;
  }

  GivenPair pair_of(const NBestEntry& entry) const {
    const std::string& source = sources_[entry.line];
    if (flags_.backward) return {tagged(entry.text, flags_), source};
    return {tagged(source, flags_), entry.text, entry.pieces};
  }

  void write(OutputFile& output) {
    std::vector<GivenPair> pairs;
    for (const NBestEntry& entry : entries_) pairs.push_back(pair_of(entry));
    auto scored = score_pairs(model_, options_, pairs, first_, notes_);
    std::vector<NBestFeature> features;
    for (size_t i = 0; i < entries_.size(); ++i) {
      double value = scored[i].score;
      features.push_back({flags_.feature, value});
      if (flags_.weight) features.back().score = *entries_[i].score + *flags_.weight * value;
    }
    std::unordered_map<int64_t, int64_t> ranks;  // how many of each line are written
    for (size_t i : order_of(features)) {
      if (flags_.weight) features[i].rank = ranks[entries_[i].line]++;
      output.write(with_feature(entries_[i], features[i]) + "\n");
    }
    first_ += std::ssize(entries_);
    entries_.clear();
  }

  // As they stand; with --weight the best of each line first.
  std::vector<size_t> order_of(const std::vector<NBestFeature>& features) const {
    std::vector<size_t> order(entries_.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    if (!flags_.weight) return order;
    for (auto first = order.begin(); first != order.end();) {
      int64_t line = entries_[*first].line;
      auto last =
          std::find_if(first, order.end(), [&](size_t i) { return entries_[i].line != line; });
      std::stable_sort(first, last,
                       [&](size_t a, size_t b) { return *features[a].score > *features[b].score; });
      first = last;
    }
    return order;
  }

  const ScoreFlags& flags_;
  const LoadedModel& model_;
  const EngineOptions& options_;
  const std::vector<std::string>& sources_;
  NoteLog& notes_;
  std::vector<NBestEntry> entries_;
  int64_t first_ = 1;                                  // its number in the list
  std::unordered_map<int64_t, int64_t> last_of_line_;  // where each line stood last in it
};

int score(const ScoreFlags& flags) {
  check_flags(flags);
  set_log_quiet(flags.compute.quiet);
  warn_of_ignored(flags.decoding);
  bool list = !flags.n_best.empty();
  std::vector<std::string> sources = read_lines(flags.source), targets;
  if (!list) {
    targets = read_lines(flags.target);
    refuse_markup(sources, flags.source);
    refuse_markup(targets, flags.target);
    check_line_counts({flags.source, std::ssize(sources)}, {flags.target, std::ssize(targets)});
  }
  check_paths(model_files(flags.models.folders()), {flags.output});
  LoadedModel model = load_models(flags.models.folders(), flags.compute.choice);
  DecodingConfig decoding = flags.decoding.over(model.config);
  EngineOptions options = engine_options(SearchOptions(decoding), {}, flags.compute);
  encode_tag(*model.tokenizers.source, flags.source_tag, "--source-tag");  // refuses others
  NoteLog notes(list ? flags.n_best : flags.source);
  OutputFile output(flags.output);
  if (list) {
    ListScorer(flags, model, options, sources, notes).run(output);
  } else {
    for (std::string& source : sources) source = tagged(source, flags);
    for (const Translation& line : score_lines(model, options, sources, targets, notes)) {
      output.write(
          fmt::format("{:.4f}\t{:.4f}\t{}\n", line.score, line.log_probability, line.length));
    }
  }
  output.close();
  notes.warn_of_totals(model.config.data, decoding);
  return 0;
}

void add_list_flags(CLI::App& command, ScoreFlags& flags) {
  command.add_option("--n-best", flags.n_best,
                     "A list `line ||| text ||| features ||| score`, lines from 0, or JSON as "
                     "translate --format json prints it: the same with one more feature, the "
                     "score log P / |y|^A");
  command.add_option("--feature", flags.feature, "Name of that feature")->capture_default_str();
  command.add_option("--weight", flags.weight,
                     "Add so many times the feature to the list's scores, and put each line's best "
                     "translation first");
  command.add_flag("--backward", flags.backward,
                   "The model is of the other direction: score the source given the translation");
}

}  // namespace

void add_score(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand(
      "score", "For each given translation: log P / |y|^A, log P and |y|, separated by TABs");
  auto flags = std::make_shared<ScoreFlags>();
  flags->models.add_to(*command)->required();
  command->add_option("--source", flags->source, "Source text")->required();
  command->add_option("--target", flags->target, "Its given translations");
  command->add_option("--source-tag", flags->source_tag, "As of heed translate");
  add_list_flags(*command, *flags);
  command->add_option("-o,--output", flags->output, "- is standard output");
  flags->decoding.add_to(*command);
  flags->compute.add_to(*command);
  command->callback([flags, &run] { run.work = [flags] { return score(*flags); }; });
}

}  // namespace heed
