#include "evaluate_scores.h"

#include <nlohmann/json.hpp>

#include "evaluation/bootstrap.h"
#include "evaluation/score_table.h"
#include "util/progress.h"
#include "util/text.h"

namespace heed {
namespace {

using Json = nlohmann::ordered_json;

CountTable counts_of(const Metric& metric, const ScoredText& text) {
  Progress progress({.what = "counting for " + metric.name()});
  return metric.segment_counts(text.hypotheses, *text.references);
}

std::string signature_of(const Metric& metric, const ScoredText& text,
                         const ScoringOptions& options) {
  SignatureContext context;
  context.references = static_cast<int>(text.references->size());
  if (options.resampling == Resampling::kPairedRandomization) {
    context.randomization = options.samples;
  } else if (options.resampling != Resampling::kNone) {
    context.bootstrap = options.samples;
  }
  context.seed = static_cast<int64_t>(options.seed);
  context.short_names = options.short_names;
  return metric.signature(context);
}

Score corpus_score(const Metric& metric, const ScoredText& text, const ScoringOptions& options) {
  if (options.resampling != Resampling::kConfidence) {
    Progress progress({.what = "counting for " + metric.name()});
    return metric.corpus(text.hypotheses, *text.references);
  }
  CountTable counts = counts_of(metric, text);
  Score score = metric.score(counts.sum());
  Progress progress(
      {.what = metric.name() + ": bootstrap", .total = options.samples, .unit = "resamples"});
  score.confidence = bootstrap_confidence(metric, counts,
                                          {.resamples = options.samples,
                                           .seed = options.seed,
                                           .progress = [&](int done) { progress.reach(done); }});
  return score;
}

std::vector<PairedResult> paired_results(const Metric& metric,
                                         const std::vector<ScoredText>& systems,
                                         const ScoringOptions& options) {
  std::vector<CountTable> tables;
  for (const ScoredText& system : systems) {
    tables.push_back(counts_of(metric, system));
  }
  const bool bootstrap = options.resampling == Resampling::kPairedBootstrap;
  Progress progress({.what = fmt::format("{}: paired {}", metric.name(),
                                         bootstrap ? "bootstrap" : "randomization"),
                     .total = options.samples,
                     .unit = bootstrap ? "resamples" : "trials"});
  auto tell = [&](int done) { progress.reach(done); };
  if (bootstrap) return paired_bootstrap(metric, tables, {options.samples, options.seed, tell});
  return paired_randomization(metric, tables, {options.samples, options.seed, tell});
}

void append_paired_cells(const Metric& metric, const std::vector<ScoredText>& systems,
                         const ScoringOptions& options, ScoreTable& table) {
  std::vector<PairedResult> results = paired_results(metric, systems, options);
  for (size_t i = 0; i < results.size(); ++i) {
    table.rows[i].cells.push_back(
        {{metric.name(), results[i].score, "", results[i].confidence}, results[i].p_value});
  }
}

ScoreTable make_table(const Metrics& metrics, const std::vector<ScoredText>& texts,
                      const ScoringOptions& options, const char* row_title) {
  const bool paired = options.resampling == Resampling::kPairedBootstrap ||
                      options.resampling == Resampling::kPairedRandomization;
  ScoreTable table{row_title, {}, {}};
  for (const ScoredText& text : texts) table.rows.push_back({text.name, {}});
  for (const auto& metric : metrics) {
    table.signatures.push_back(signature_of(*metric, texts[0], options));
    if (paired) {
      append_paired_cells(*metric, texts, options, table);
      continue;
    }
    for (size_t i = 0; i < texts.size(); ++i) {
      table.rows[i].cells.push_back({corpus_score(*metric, texts[i], options), std::nullopt});
    }
  }
  if (paired) table.rows[0].name = "Baseline: " + table.rows[0].name;
  return table;
}

// What the p-values mean.
std::string test_explained(const ScoreTable& table, const ScoringOptions& options) {
  const bool bootstrap = options.resampling == Resampling::kPairedBootstrap;
  std::string text =
      fmt::format("\nPaired {} with {} {}, against {}.\n",
                  bootstrap ? "bootstrap" : "approximate randomization", options.samples,
                  bootstrap ? "resamples" : "trials", table.rows[0].name);
  text +=
      "p: how often chance alone would make a difference this large if the two were equally good;\n"
      "* marks p <= 0.05.";
  return text + (bootstrap ? " In brackets: mean and 95% interval of the resamples.\n" : "\n");
}

// sacreBLEU's layout: what is between brackets is not indented.
std::string json_text(const std::vector<std::string>& objects) {
  if (objects.size() == 1) return objects[0] + "\n";
  return "[\n" + join(objects, ",\n") + "\n]\n";
}

std::string dump_table(const Json& json) {
  return json.dump(4, ' ', true, Json::error_handler_t::replace) + "\n";
}

}  // namespace

void score_text(const Metrics& metrics, const ScoredText& text, const ScoringOptions& options,
                OutputFile& out) {
  std::vector<std::string> objects;
  for (const auto& metric : metrics) {
    Score score = corpus_score(*metric, text, options);
    std::string signature = signature_of(*metric, text, options);
    bool as_object = options.json && !options.format.score_only;
    objects.push_back(as_object ? score_json(score, signature, options.format).dump(1)
                                : score_line(score, signature, options.format));
  }
  out.write(options.json ? json_text(objects) : join(objects, "\n") + "\n");
}

void score_sentences(const Metrics& metrics, const ScoredText& text, const ScoringOptions& options,
                     OutputFile& out) {
  std::vector<std::string> signatures, references(text.references->size());
  for (const auto& metric : metrics) signatures.push_back(signature_of(*metric, text, options));
  for (size_t i = 0; i < text.hypotheses.size(); ++i) {
    for (size_t set = 0; set < references.size(); ++set)
      references[set] = (*text.references)[set][i];
    for (size_t m = 0; m < metrics.size(); ++m) {
      Score score = metrics[m]->sentence(text.hypotheses[i], references);
      out.write(options.json ? score_json(score, signatures[m], options.format).dump()
                             : score_line(score, signatures[m], options.format));
      out.write("\n");
    }
  }
}

void score_systems(const Metrics& metrics, const std::vector<ScoredText>& systems,
                   const ScoringOptions& options, OutputFile& out) {
  ScoreTable table = make_table(metrics, systems, options, "System");
  const bool paired = options.resampling != Resampling::kNone;
  if (options.json) {
    out.write(dump_table(paired ? paired_json(table) : systems_json(table, options.format)));
    return;
  }
  out.write(table_text(table, options.format));
  if (paired) out.write(test_explained(table, options));
}

void score_test_sets(const Metrics& metrics, const std::vector<ScoredText>& sets,
                     const ScoringOptions& options, OutputFile& out) {
  ScoreTable table = make_table(metrics, sets, options, "Test set");
  out.write(options.json ? dump_table(test_sets_json(table, options.format))
                         : table_text(table, options.format));
}

}  // namespace heed
