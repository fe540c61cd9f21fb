#include "evaluation/metric.h"

#include <nlohmann/json.hpp>

#include "util/error.h"
#include "util/text.h"
#include "util/version.h"

namespace heed {
namespace {

constexpr const char* kSacrebleuVersion = "2.6.0";  // the release that heed agrees with

std::string confidence_text(const Confidence& confidence, int width) {
  return fmt::format("μ = {:.{}f} ± {:.{}f}", confidence.mean, width, confidence.half_width, width);
}

// sacreBLEU leaves out a confidence whose mean is 0.
bool shows_confidence(const Score& score) { return score.confidence && score.confidence->mean > 0; }

// A score that is not finite has no digits to round, and is null in JSON.
double rounded(double value, int width) {
  return parse_real(fmt::format("{:.{}f}", value, width)).value_or(value);
}

}  // namespace

std::string score_line(const Score& score, const std::string& signature,
                       const FormatOptions& options) {
  std::string number = fmt::format("{:.{}f}", score.score, options.width);
  if (shows_confidence(score)) {
    number += fmt::format(" ({})", confidence_text(*score.confidence, options.width));
  }
  if (options.score_only) return number;
  std::string line = signature.empty() ? score.name : score.name + "|" + signature;
  line += " = " + number;
  return score.verbose.empty() ? line : line + " " + score.verbose;
}

nlohmann::ordered_json score_json(const Score& score, const std::string& signature,
                                  const FormatOptions& options) {
  nlohmann::ordered_json json;
  json["name"] = score.name;
  json["score"] = rounded(score.score, options.width);
  json["signature"] = signature;
  if (shows_confidence(score)) {
    json["confidence_mean"] = rounded(score.confidence->mean, options.width);
    json["confidence_var"] = rounded(score.confidence->half_width, options.width);
    json["confidence"] = confidence_text(*score.confidence, options.width);
  }
  if (!score.verbose.empty()) json["verbose_score"] = score.verbose;
  for (const std::string& field : split(signature, '|')) {
    size_t colon = field.find(':');
    if (colon != std::string::npos) json[field.substr(0, colon)] = field.substr(colon + 1);
  }
  return json;
}

void CountTable::append(const Counts& row) {
  if (width_ == 0) width_ = row.size();
  if (row.size() != width_) {
    fail("count table: a row of {} counts in a table of {}; all rows must be of one metric",
         row.size(), width_);
  }
  values_.insert(values_.end(), row.begin(), row.end());
}

Counts CountTable::sum() const {
  Counts total(width_);
  for (size_t i = 0; i < values_.size(); ++i) total[i % width_] += values_[i];
  return total;
}

void Metric::inspect(const Lines&, const std::vector<Lines>&) const {}

void Metric::check_references(size_t count) const {
  if (count == 0) fail("{}: no reference to score against; give at least one", name());
}

template <typename Use>
void Metric::for_each_segment(const Lines& hypotheses, const std::vector<Lines>& references,
                              Use use) const {
  check_references(references.size());
  if (hypotheses.empty()) fail("{}: no hypotheses to score; give at least one line", name());
  for (size_t set = 0; set < references.size(); ++set) {
    if (references[set].size() == hypotheses.size()) continue;
    fail(
        "{}: {} hypotheses but {} references (set {} of {}); each hypothesis needs its own line of "
        "every set",
        name(), hypotheses.size(), references[set].size(), set + 1, references.size());
  }
  inspect(hypotheses, references);
  std::vector<std::string_view> segment(references.size());
  for (size_t i = 0; i < hypotheses.size(); ++i) {
    for (size_t set = 0; set < references.size(); ++set) segment[set] = references[set][i];
    use(statistics(hypotheses[i], segment));
  }
}

Score Metric::corpus(const Lines& hypotheses, const std::vector<Lines>& references) const {
  Counts total;
  for_each_segment(hypotheses, references, [&](const Counts& counts) {
    total.resize(counts.size());
    for (size_t i = 0; i < counts.size(); ++i) total[i] += counts[i];
  });
  return score(total);
}

CountTable Metric::segment_counts(const Lines& hypotheses,
                                  const std::vector<Lines>& references) const {
  CountTable table;
  for_each_segment(hypotheses, references, [&](const Counts& counts) { table.append(counts); });
  return table;
}

Score Metric::sentence(std::string_view hypothesis,
                       const std::vector<std::string>& references) const {
  std::vector<std::string_view> views(references.begin(), references.end());
  return score(statistics(hypothesis, views));
}

std::string Metric::signature(const SignatureContext& context) const {
  std::vector<SignatureField> fields = {
      {"nrefs", "#", context.references < 0 ? "var" : std::to_string(context.references)}};
  if (context.bootstrap > 0) fields.push_back({"bs", "bs", std::to_string(context.bootstrap)});
  if (context.randomization > 0) {
    fields.push_back({"ar", "ar", std::to_string(context.randomization)});
  }
  if (context.bootstrap > 0 || context.randomization > 0) {
    fields.push_back({"seed", "rs", std::to_string(context.seed)});
  }
  for (SignatureField& field : signature_fields()) fields.push_back(std::move(field));
  fields.push_back({"version", "v", fmt::format("{}+heed.{}", kSacrebleuVersion, HEED_VERSION)});
  std::vector<std::string> parts;
  for (const SignatureField& field : fields) {
    parts.push_back((context.short_names ? field.short_name : field.name) + ":" + field.value);
  }
  return join(parts, "|");
}

}  // namespace heed
