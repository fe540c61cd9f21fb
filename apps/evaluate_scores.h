// What `heed evaluate` prints: scores of one text, of its sentences, of several systems or of
// several test sets. Written to `out` as text or JSON.
#pragma once

#include <memory>
#include <vector>

#include "evaluation/metric.h"
#include "util/output_file.h"

namespace heed {

using Metrics = std::vector<std::unique_ptr<Metric>>;

enum class Resampling { kNone, kConfidence, kPairedBootstrap, kPairedRandomization };

struct ScoringOptions {
  Resampling resampling = Resampling::kNone;
  int samples = 1000;  // resamples or trials
  uint64_t seed = 12345;
  FormatOptions format;
  bool json = false, short_names = false;
};

// Translations, and `references[set][segment]` to score them against. The name is a system's or a
// test set's.
struct ScoredText {
  std::string name;
  Lines hypotheses;
  const std::vector<Lines>* references = nullptr;
};

// A line or an object for each metric, with a confidence interval where asked for.
void score_text(const Metrics& metrics, const ScoredText& text, const ScoringOptions& options,
                OutputFile& out);
// A line (JSON: one object a line) for each sentence and metric.
void score_sentences(const Metrics& metrics, const ScoredText& text, const ScoringOptions& options,
                     OutputFile& out);
// A table. With a paired test the first system is the baseline, and its name says so.
void score_systems(const Metrics& metrics, const std::vector<ScoredText>& systems,
                   const ScoringOptions& options, OutputFile& out);
// A table, with confidence intervals where asked for.
void score_test_sets(const Metrics& metrics, const std::vector<ScoredText>& sets,
                     const ScoringOptions& options, OutputFile& out);

}  // namespace heed
