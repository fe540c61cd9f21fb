#include "report/training_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace heed {
namespace {

using Json = nlohmann::json;
using testing::ElementsAre;

// The JSON that a page carries.
Json data_of(const std::string& page) {
  std::string_view open = "<script type=\"application/json\" id=\"report\">";
  size_t begin = page.find(open) + open.size();
  return Json::parse(page.substr(begin, page.find("</script>", begin) - begin));
}

TrainingRun small_run(const std::string& name) {
  TrainingRun run;
  run.name = name;
  run.training[10] = {.seconds = 1, .epoch = 0.5, .loss = 2.123456789};
  run.validations[10] = {.seconds = 2, .loss = 1.5, .best = true, .samples = {{"s", "r", "t"}}};
  run.options = {{"training.max_steps", "20"}, {"training.seed", "1"}};
  return run;
}

TEST(TrainingReportPage, CarriesNumbersAndNothingForeign) {
  std::string page = render_training_report(
      {.title = "</title><script>", .made = "now", .reload_seconds = 0, .runs = {small_run("a")}});
  EXPECT_TRUE(page.starts_with("<!doctype html>"));
  EXPECT_EQ(page.find("{{"), std::string::npos);
  EXPECT_EQ(page.find("</title><script>"), std::string::npos);
  for (const char* foreign : {"src=", "href=\"http", "@import", "url("}) {
    EXPECT_EQ(page.find(foreign), std::string::npos) << foreign;
  }
  Json run = data_of(page)["runs"][0];
  EXPECT_EQ(run["training"]["loss"], Json({2.12346}));
  EXPECT_EQ(run["training"]["waiting"], Json::array({nullptr}));
  EXPECT_EQ(run["validations"]["best"], 10);
  EXPECT_EQ(run["max_steps"], "20");
}

TEST(TrainingReportPage, SamplesThatStayAreOne) {
  TrainingRun run = small_run("a");
  run.validations[20].samples = {{"s", "r", "t"}};
  run.validations[30].samples = {{"s", "r", "other"}, {"new", "r", "t"}};
  run.validations[40].samples = {{"s", "r", "t"}};
  Json samples = data_of(render_training_report({.runs = {run}}))["runs"][0]["samples"];
  ASSERT_EQ(samples.size(), 2u);
  EXPECT_EQ(samples[0]["translations"],
            Json::parse(R"([[10, 20, "t"], [30, 30, "other"], [40, 40, "t"]])"));
  EXPECT_EQ(samples[1]["translations"], Json::parse(R"([[30, 30, "t"]])"));
}

TEST(TrainingReportPage, ShowsTheOptionsThatDiffer) {
  TrainingRun one = small_run("a"), other = small_run("b");
  other.options["training.seed"] = "2";
  other.options["future.key"] = "x";
  other.options["output.folder"] = "elsewhere";
  Json options = data_of(render_training_report({.runs = {one, other}}))["options"];
  EXPECT_EQ(options, Json::parse(R"([
    {"name": "training.seed", "default": "1", "values": ["1", "2"]},
    {"name": "future.key", "default": "", "values": [null, "x"]}])"));
}

TEST(TrainingReportPage, ShowsOneTrainingsOptionsThatAreNotAtTheirDefaults) {
  Json options = data_of(render_training_report({.runs = {small_run("a")}}))["options"];
  ASSERT_EQ(options.size(), 1u);
  EXPECT_EQ(options[0]["name"], "training.max_steps");
  EXPECT_EQ(options[0]["values"], Json({"20"}));
}

TEST(TrainingReportPage, CurvesOfLongTrainingsAreThinned) {
  TrainingRun run;
  for (int64_t step = 1; step <= 10'001; ++step) {
    run.training[step].loss = step % 2 == 0 ? 1 : 3;
    run.training[step].seconds = static_cast<double>(step);
  }
  Json training = data_of(render_training_report({.runs = {run}}))["runs"][0]["training"];
  EXPECT_EQ(training["reports_per_point"], 4);
  EXPECT_EQ(training["step"].size(), 2501u);
  EXPECT_EQ(training["step"][0], 4);
  EXPECT_EQ(training["step"][2500], 10'001);
  EXPECT_EQ(training["seconds"][0], 4);
  EXPECT_EQ(training["loss"][0], 2);
}

TEST(TrainingReportPage, ATrainingThatHasJustBegunIsShown) {
  TrainingRun run;
  run.name = "new";
  Json data = data_of(render_training_report({.reload_seconds = 3, .runs = {run}}));
  EXPECT_EQ(data["reload_seconds"], 3);
  EXPECT_EQ(data["runs"][0]["training"]["step"], Json::array());
}

}  // namespace
}  // namespace heed
