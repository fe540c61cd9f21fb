#include "report/training_report.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "config/options.h"
#include "report/page_template.h"
#include "report/page_theme.h"
#include "report/training_page_html.h"
#include "report/training_page_script.h"
#include "report/training_page_style.h"
#include "util/text.h"

namespace heed {
namespace {

using Json = nlohmann::ordered_json;

// Six digits are more than a curve can show. What was not measured is null.
Json shown(double value) {
  if (!std::isfinite(value)) return nullptr;
  return parse_real(fmt::format("{:.6g}", value)).value_or(value);
}

// The mean of what was measured.
class Mean {
 public:
  void add(double value) {
    if (std::isnan(value)) return;
    sum_ += value;
    ++count_;
  }
  double value() const { return count_ == 0 ? kNotMeasured : sum_ / count_; }

 private:
  double sum_ = 0;
  int count_ = 0;
};

// Columns, since names at each point would be most of the page.
Json training_json(const std::map<int64_t, TrainingPoint>& points) {
  size_t together = (points.size() + kMostPoints - 1) / kMostPoints;
  Json json = {{"reports_per_point", std::max<size_t>(together, 1)}, {"step", Json::array()}};
  for (const auto& [name, field] : kTrainingColumns) json[name] = Json::array();
  size_t at = 0;
  std::vector<Mean> means(std::size(kTrainingColumns));
  for (const auto& [step, point] : points) {
    for (size_t i = 0; i < means.size(); ++i) means[i].add(point.*kTrainingColumns[i].field);
    if (++at % together != 0 && at != points.size()) continue;
    json["step"].push_back(step);
    for (size_t i = 0; i < means.size(); ++i) {
      // Time goes on: a point stands at its last step, not in the middle.
      bool time = kTrainingColumns[i].field == &TrainingPoint::seconds;
      json[kTrainingColumns[i].name].push_back(shown(time ? point.seconds : means[i].value()));
      means[i] = {};
    }
  }
  return json;
}

Json validations_json(const std::map<int64_t, ValidationPoint>& points) {
  Json json = {{"step", Json::array()}, {"best", nullptr}};
  for (const auto& [name, field] : kValidationColumns) json[name] = Json::array();
  for (const auto& [step, point] : points) {
    json["step"].push_back(step);
    if (point.best) json["best"] = step;
    for (const auto& [name, field] : kValidationColumns) json[name].push_back(shown(point.*field));
  }
  return json;
}

// [{"source", "reference", "translations": [[first step, last step, text]...]}...]: translations
// that stay the same from one validation to the next are one.
Json samples_json(const std::map<int64_t, ValidationPoint>& points) {
  Json samples = Json::array();
  std::map<std::pair<std::string, std::string>, size_t> places;
  for (const auto& [step, point] : points) {
    for (const SampleTranslation& sample : point.samples) {
      auto [place, is_new] =
          places.emplace(std::pair(sample.source, sample.reference), samples.size());
      if (is_new) {
        samples.push_back({{"source", sample.source},
                           {"reference", sample.reference},
                           {"translations", Json::array()}});
      }
      Json& translations = samples[place->second]["translations"];
      if (!translations.empty() && translations.back()[2] == sample.translation) {
        translations.back()[1] = step;
      } else {
        translations.push_back(Json::array({step, step, sample.translation}));
      }
    }
  }
  return samples;
}

// {"name", "default", "values": one a run or null}. Of several runs the options in which they
// differ; of one those that are not at their defaults. Paths of its own folder say nothing.
Json options_json(const std::vector<TrainingRun>& runs) {
  std::set<std::string> names;
  for (const TrainingRun& run : runs) {
    for (const auto& [name, value] : run.options) names.insert(name);
  }
  std::map<std::string, std::string> defaults;
  std::vector<std::string> order;
  Config config = default_config();
  for (const Option& option : option_table()) {
    defaults[option.name()] = option.get(config);
    order.push_back(option.name());
    names.erase(option.name());
  }
  order.insert(order.end(), names.begin(), names.end());
  Json options = Json::array();
  for (const std::string& name : order) {
    if (name == "output.folder") continue;
    std::set<std::string> values;
    Json row = Json::array();
    for (const TrainingRun& run : runs) {
      auto found = run.options.find(name);
      if (!run.options.empty())
        values.insert(found == run.options.end() ? defaults[name] : found->second);
      row.push_back(found == run.options.end() ? Json(nullptr) : Json(found->second));
    }
    if (runs.size() == 1) values.insert(defaults[name]);
    if (values.size() < 2) continue;
    options.push_back({{"name", name}, {"default", defaults[name]}, {"values", std::move(row)}});
  }
  return options;
}

Json report_json(const TrainingReport& report) {
  Json runs = Json::array(), warnings = Json::array();
  for (const TrainingRun& run : report.runs) {
    auto steps = run.options.find("training.max_steps");
    runs.push_back({{"name", run.name},
                    {"max_steps", steps == run.options.end() ? "" : steps->second},
                    {"training", training_json(run.training)},
                    {"validations", validations_json(run.validations)},
                    {"samples", samples_json(run.validations)}});
    for (const std::string& warning : run.warnings) warnings.push_back(warning);
  }
  return {{"format", "heed-training-report-1"},
          {"title", report.title},
          {"made", report.made},
          {"reload_seconds", report.reload_seconds},
          {"runs", std::move(runs)},
          {"options", options_json(report.runs)},
          {"warnings", std::move(warnings)}};
}

}  // namespace

std::string render_training_report(const TrainingReport& report) {
  return fill_page(kTrainingPageHtml, [&](std::string_view name) -> std::string {
    if (name == "theme") return std::string(kPageTheme);
    if (name == "style") return std::string(kTrainingPageStyle);
    if (name == "script") return std::string(kTrainingPageScript);
    if (name == "data") return embeddable(report_json(report));
    return escape_html(report.title);
  });
}

}  // namespace heed
