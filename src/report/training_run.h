// A training's course, read back from what it left in its folder.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

namespace heed {

inline constexpr double kNotMeasured = std::numeric_limits<double>::quiet_NaN();

// A report of training: means over the steps since the report before. Any number but the step may
// be kNotMeasured.
struct TrainingPoint {
  double seconds = kNotMeasured;  // of training so far, as in all of these
  double epoch = kNotMeasured;
  double loss = kNotMeasured;  // smoothed, per target piece
  double learning_rate = kNotMeasured;
  double gradient_norm = kNotMeasured;  // before clipping
  double tokens_per_second = kNotMeasured;
  double waiting = kNotMeasured;      // share of the time spent waiting for batches, 0 to 1
  double peak_memory = kNotMeasured;  // bytes
};

struct SampleTranslation {
  std::string source, reference, translation;
};

struct ValidationPoint {
  double seconds = kNotMeasured;
  double epoch = kNotMeasured;
  double loss = kNotMeasured;
  double perplexity = kNotMeasured;
  double bleu = kNotMeasured;
  double learning_rate = kNotMeasured;
  bool best = false;  // the best of all; at most one is
  std::vector<SampleTranslation> samples = {};
};

// The numbers of a point by their names in metrics.jsonl and validations.tsv.
template <typename Point>
struct PointColumn {
  const char* name;
  double Point::*field;
};
inline constexpr PointColumn<TrainingPoint> kTrainingColumns[] = {
    {"seconds", &TrainingPoint::seconds},
    {"epoch", &TrainingPoint::epoch},
    {"loss", &TrainingPoint::loss},
    {"learning_rate", &TrainingPoint::learning_rate},
    {"gradient_norm", &TrainingPoint::gradient_norm},
    {"tokens_per_second", &TrainingPoint::tokens_per_second},
    {"waiting", &TrainingPoint::waiting},
    {"peak_memory", &TrainingPoint::peak_memory}};
inline constexpr PointColumn<ValidationPoint> kValidationColumns[] = {
    {"seconds", &ValidationPoint::seconds}, {"epoch", &ValidationPoint::epoch},
    {"loss", &ValidationPoint::loss},       {"perplexity", &ValidationPoint::perplexity},
    {"bleu", &ValidationPoint::bleu},       {"learning_rate", &ValidationPoint::learning_rate}};

struct TrainingRun {
  std::string name;
  std::map<std::string, std::string> options;  // "section.key" to value, defaults included
  std::map<int64_t, TrainingPoint> training;   // by step
  std::map<int64_t, ValidationPoint> validations;
  std::vector<std::string> warnings;  // what of the files could not be read: file, line, reason
};

// The files of a training. All but `metrics` may be missing.
struct TrainingFiles {
  std::string config, metrics, validations;
};

// Damaged lines are left out, and counted in a warning for each file. Where a step comes twice, the
// later line counts. Throws Error where a file is there and cannot be read.
TrainingRun read_training(const std::string& name, const TrainingFiles& files);

}  // namespace heed
