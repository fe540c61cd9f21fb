#include "evaluation/bootstrap.h"

#include <gmock/gmock.h>

#include "evaluation/golden.h"
#include "util/error.h"

namespace heed {
namespace {

using golden::Json;

struct Corpus {
  Lines hypotheses, others;
  std::vector<Lines> references;
};

void expect_confidence(const Metric& metric, const Corpus& corpus, int resamples,
                       const std::string& expected) {
  CountTable counts = metric.segment_counts(corpus.hypotheses, corpus.references);
  Score score = metric.score(counts.sum());
  score.confidence = bootstrap_confidence(metric, counts, {.resamples = resamples});
  SignatureContext context{.references = static_cast<int>(corpus.references.size()),
                           .bootstrap = resamples};
  EXPECT_EQ(golden::without_version(score_line(score, metric.signature(context), {.width = 3})),
            golden::without_version(expected));
}

void expect_result(const PairedResult& result, const Json& expected) {
  SCOPED_TRACE(expected.dump());
  EXPECT_NEAR(result.score, expected.at("score").get<double>(), 1e-10);
  ASSERT_EQ(result.p_value.has_value(), !expected.at("p_value").is_null());
  if (result.p_value) {
    EXPECT_NEAR(*result.p_value, expected.at("p_value").get<double>(), 1e-12);
  }
  ASSERT_EQ(result.confidence.has_value(), !expected.at("mean").is_null());
  if (!result.confidence) return;
  EXPECT_NEAR(result.confidence->mean, expected.at("mean").get<double>(), 1e-13);
  EXPECT_NEAR(result.confidence->half_width, expected.at("ci").get<double>(), 1e-13);
}

int expect_case(const Corpus& corpus, const Json& golden_case) {
  SCOPED_TRACE(golden_case.at("metric").dump() + golden_case.at("options").dump());
  auto metric = golden::make_metric(golden_case);
  for (int resamples : {1000, 79}) {
    std::string key = "confidence_" + std::to_string(resamples);
    if (golden_case.contains(key)) {
      expect_confidence(*metric, corpus, resamples, golden_case.at(key));
    }
  }
  CountTable baseline = metric->segment_counts(corpus.hypotheses, corpus.references);
  CountTable other = metric->segment_counts(corpus.others, corpus.references);
  std::vector<CountTable> systems = {baseline, other, baseline};
  auto bootstrap = paired_bootstrap(*metric, systems, {.resamples = 500});
  auto randomized = paired_randomization(*metric, systems, {.trials = 600});
  for (size_t i = 0; i < systems.size(); ++i) {
    expect_result(bootstrap[i], golden_case.at("bs").at("results")[i]);
    expect_result(randomized[i], golden_case.at("ar").at("results")[i]);
  }
  SignatureContext context{.references = static_cast<int>(corpus.references.size())};
  context.bootstrap = 500;
  EXPECT_EQ(golden::without_version(metric->signature(context)),
            golden::without_version(golden_case.at("bs").at("signature").get<std::string>()));
  context.bootstrap = 0;
  context.randomization = 600;
  EXPECT_EQ(golden::without_version(metric->signature(context)),
            golden::without_version(golden_case.at("ar").at("signature").get<std::string>()));
  return 1;
}

TEST(Bootstrap, EqualsSacrebleu) {
  int cases = 0;
  for (const Json& data : golden::load("significance.json")) {
    Corpus corpus{data.at("hypotheses"), data.at("others"), data.at("references")};
    SCOPED_TRACE(fmt::format("{} lines", corpus.hypotheses.size()));
    for (const Json& golden_case : data.at("cases")) cases += expect_case(corpus, golden_case);
  }
  EXPECT_GE(cases, 25);
}

// A metric without any surprise: the mean of one count.
class Mean : public Metric {
 public:
  std::string name() const override { return "mean"; }
  Counts statistics(std::string_view hypothesis, std::span<const std::string_view>) const override {
    return {static_cast<double>(hypothesis.size()), 1};
  }
  Score score(const Counts& counts) const override {
    return {name(), counts[0] / counts[1], "", std::nullopt};
  }
  double resampled_score(std::span<const float> counts) const override {
    return counts[0] / counts[1];
  }
  bool resamples_in_single_precision() const override { return false; }
  std::vector<SignatureField> signature_fields() const override { return {}; }
};

CountTable table_of(const std::vector<double>& values) {
  CountTable table;
  for (double value : values) table.append({value, 1});
  return table;
}

// By sacreBLEU 2.6.0; the mean before it is rounded is 49.879625092.
TEST(Bootstrap, AMeanOfSinglePrecisionIsRounded) {
  Chrf chrf{ChrfOptions()};
  Lines hypotheses = {"a dog sat", "the cat reads a book"};
  CountTable counts =
      chrf.segment_counts(hypotheses, {{"a dog sat on the mat", "the cat read big books"}});
  Confidence found = bootstrap_confidence(chrf, counts, {.resamples = 50, .seed = 4294967295});
  EXPECT_EQ(fmt::format("{:.9f} {:.9f}", found.mean, found.half_width),
            "49.879623413 10.028137207");
}

TEST(Bootstrap, IntervalNarrowsWithMoreLines) {
  std::vector<double> few = {1, 2, 3, 4, 5, 6, 7, 8}, many;
  for (int i = 0; i < 100; ++i) many.insert(many.end(), few.begin(), few.end());
  Confidence wide = bootstrap_confidence(Mean(), table_of(few));
  Confidence narrow = bootstrap_confidence(Mean(), table_of(many));
  // The standard error of the mean is 2.291 / sqrt(lines).
  EXPECT_NEAR(wide.mean, 4.5, 0.1);
  EXPECT_NEAR(wide.half_width, 1.96 * 2.291 / std::sqrt(8.0), 0.2);
  EXPECT_NEAR(narrow.half_width, 1.96 * 2.291 / std::sqrt(800.0), 0.02);
}

TEST(PairedTests, TellAClearDifferenceFromNone) {
  std::vector<double> low, high, mixed;
  for (int i = 0; i < 60; ++i) {
    low.push_back(i % 7);
    high.push_back(i % 7 + 2);
    mixed.push_back((i * 3) % 7);
  }
  Mean mean;
  std::vector<CountTable> systems = {table_of(low), table_of(high), table_of(mixed)};
  auto bootstrap = paired_bootstrap(mean, systems);
  EXPECT_LT(bootstrap[1].p_value, 0.01);
  auto randomized = paired_randomization(mean, systems, {.trials = 999});
  EXPECT_LT(randomized[1].p_value, 0.01);
  EXPECT_GT(randomized[2].p_value, 0.3);
}

TEST(PairedTests, ASystemsResultDoesNotDependOnTheOthers) {
  Mean mean;
  std::vector<CountTable> three = {table_of({1, 5, 2, 8}), table_of({9, 9, 9, 9}),
                                   table_of({2, 5, 3, 7})};
  std::vector<CountTable> two = {three[0], three[2]};
  EXPECT_EQ(paired_bootstrap(mean, three)[2].p_value, paired_bootstrap(mean, two)[1].p_value);
  EXPECT_EQ(paired_randomization(mean, three, {.trials = 99})[2].p_value,
            paired_randomization(mean, two, {.trials = 99})[1].p_value);
}

TEST(Bootstrap, TellsOfEachResample) {
  std::vector<int> seen;
  auto progress = [&](int done) { seen.push_back(done); };
  std::vector<CountTable> two = {table_of({1, 2}), table_of({2, 2})};
  bootstrap_confidence(Mean(), two[0], {.resamples = 2, .progress = progress});
  paired_bootstrap(Mean(), two, {.resamples = 1, .progress = progress});
  paired_randomization(Mean(), two, {.trials = 2, .progress = progress});
  EXPECT_THAT(seen, testing::ElementsAre(1, 2, 1, 1, 2));
}

template <typename Call>
std::string error_of(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(PairedTests, RefuseTablesThatDoNotMatch) {
  Mean mean;
  std::vector<CountTable> systems = {table_of({1, 2}), table_of({1, 2, 3})};
  std::vector<CountTable> same = {systems[0], systems[0]};
  EXPECT_EQ(error_of([&] { paired_bootstrap(mean, systems); }),
            "paired bootstrap: the baseline has 2 segments of 2 counts, a system 3 of 2; all must "
            "be scored on the same lines by the same metric");
  EXPECT_THAT(error_of([&] { paired_randomization(mean, systems); }),
              testing::StartsWith("paired approximate randomization: the baseline has 2 segments"));
  EXPECT_EQ(error_of([&] {
              paired_bootstrap(mean, {systems.data(), 1});
            }),
            "paired bootstrap: 1 systems; give a baseline and one or more to compare with it");
  EXPECT_EQ(error_of([&] { bootstrap_confidence(mean, CountTable()); }),
            "bootstrap: no segments to draw from; score at least one line");
  EXPECT_EQ(error_of([&] { bootstrap_confidence(mean, systems[0], {.resamples = 0}); }),
            "resamples = 0: must be 1 or more");
  EXPECT_EQ(error_of([&] { paired_randomization(mean, same, {.trials = -1}); }),
            "trials = -1: must be 1 or more");
}

}  // namespace
}  // namespace heed
