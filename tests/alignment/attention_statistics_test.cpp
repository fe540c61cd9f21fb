#include "alignment/attention_statistics.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "util/error.h"
#include "util/file_content.h"

namespace heed {
namespace {

using ::testing::DoubleEq;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Json = nlohmann::json;

struct Case {
  std::string name;
  std::vector<float> weights;
  size_t columns;
  Json expected;

  WeightRows rows() const { return {weights, columns}; }
};

std::vector<Case> golden_cases() {
  std::vector<Case> cases;
  for (const Json& json : Json::parse(read_file(
           std::string(HEED_SOURCE_DIR) + "/tests/alignment/golden/attention_statistics.json"))) {
    Case c{json.at("name"), {}, json.at("weights").at(0).size(), json};
    for (const auto& row : json.at("weights")) {
      for (float weight : row) c.weights.push_back(weight);
    }
    cases.push_back(c);
  }
  return cases;
}

void expect_number(double found, const Json& expected, const std::string& what) {
  if (expected.is_null()) {
    EXPECT_TRUE(std::isnan(found)) << what << ": " << found;
  } else {
    EXPECT_NEAR(found, expected.get<double>(), 1e-9) << what;
  }
}

TEST(AttentionStatistics, EqualAnIndependentImplementation) {
  std::vector<Case> cases = golden_cases();
  ASSERT_GE(cases.size(), 10u);
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    AttentionSpread spread;
    AttentionPath path;
    spread.add(c.rows());
    path.add(c.rows());
    EXPECT_EQ(spread.rows, c.expected.at("rows").get<int64_t>());
    EXPECT_EQ(spread.empty_rows, c.expected.at("empty_rows").get<int64_t>());
    expect_number(spread.mass(), c.expected.at("mass"), "mass");
    expect_number(spread.entropy(), c.expected.at("entropy"), "entropy");
    expect_number(spread.entropy_share(), c.expected.at("entropy_share"), "entropy_share");
    expect_number(spread.top1(), c.expected.at("top1"), "top1");
    expect_number(spread.top3(), c.expected.at("top3"), "top3");
    expect_number(path.monotonicity(), c.expected.at("monotonicity"), "monotonicity");
    expect_number(path.coverage(), c.expected.at("coverage"), "coverage");
    std::vector<double> received = received_mass(c.rows());
    ASSERT_EQ(received.size(), c.columns);
    for (size_t j = 0; j < c.columns; ++j) {
      EXPECT_NEAR(received[j], c.expected.at("received").at(j).get<double>(), 1e-6);
    }
  }
}

TEST(AttentionSpread, MeansAreOverRowsNotOverMatrices) {
  AttentionSpread spread;
  std::vector<float> even = {0.5f, 0.5f}, sharp = {1, 0, 0, 0, 1, 0, 0, 0, 1};
  spread.add({even, 2});
  spread.add({sharp, 3});
  EXPECT_DOUBLE_EQ(spread.entropy(), std::log(2.0) / 4);
  EXPECT_DOUBLE_EQ(spread.entropy_share(), 0.25);
  EXPECT_DOUBLE_EQ(spread.top1(), 3.5 / 4);
}

TEST(AttentionSpread, OnlyTheMassOfARowTellsThatItWasScaled) {
  for (const Case& c : golden_cases()) {
    std::vector<float> halves;
    for (float weight : c.weights) halves.push_back(weight / 2);
    AttentionSpread whole, half;
    AttentionPath whole_path, half_path;
    whole.add(c.rows());
    half.add({halves, c.columns});
    whole_path.add(c.rows());
    half_path.add({halves, c.columns});
    EXPECT_DOUBLE_EQ(half.mass(), whole.mass() / 2) << c.name;
    EXPECT_DOUBLE_EQ(half.entropy(), whole.entropy()) << c.name;
    EXPECT_DOUBLE_EQ(half.top1(), whole.top1()) << c.name;
    EXPECT_EQ(half_path.forward, whole_path.forward) << c.name;
    EXPECT_EQ(half_path.backward, whole_path.backward) << c.name;
  }
}

TEST(AttentionPath, ReadFromTheOtherEndItsSignTurns) {
  for (const Case& c : golden_cases()) {
    std::vector<float> mirrored;
    for (size_t i = 0; i < c.rows().rows(); ++i) {
      std::span<const float> row = c.rows().row(i);
      mirrored.insert(mirrored.end(), row.rbegin(), row.rend());
    }
    AttentionPath path, mirror;
    path.add(c.rows());
    mirror.add({mirrored, c.columns});
    EXPECT_EQ(mirror.forward, path.backward) << c.name;
    EXPECT_EQ(mirror.backward, path.forward) << c.name;
    EXPECT_NEAR(mirror.covered, path.covered, 1e-9) << c.name;
  }
}

TEST(AttentionStatistics, NothingHasNoMean) {
  AttentionSpread spread;
  AttentionPath path;
  spread.add({{}, 3});
  path.add({{}, 0});
  for (double value : {spread.mass(), spread.entropy(), spread.entropy_share(), spread.top1(),
                       spread.top3(), path.monotonicity(), path.coverage()}) {
    EXPECT_TRUE(std::isnan(value)) << value;
  }
  EXPECT_THAT(received_mass({{}, 2}), ElementsAre(DoubleEq(0), DoubleEq(0)));
}

TEST(AttentionStatistics, RefuseWhatIsNoMatrixOfWeights) {
  auto message = [](const std::vector<float>& weights, size_t columns) -> std::string {
    try {
      AttentionSpread().add({weights, columns});
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_THAT(message({1, 0, 1, 0}, 3), HasSubstr("4 weights are no whole number of rows of 3"));
  EXPECT_THAT(message({1}, 0), HasSubstr("1 weights are no whole number of rows of 0"));
  EXPECT_THAT(message({1, 0, 0, -0.5f}, 2), HasSubstr("row 1, column 1 is -0.5"));
  EXPECT_THAT(message({0, std::numeric_limits<float>::quiet_NaN()}, 2),
              HasSubstr("column 1 is nan"));
  EXPECT_EQ(message({1, -1e-5f}, 2), "no error");  // rounding of low precision
  std::vector<float> three = {1, 2, 3};
  EXPECT_THROW(received_mass({three, 2}), Error);
  EXPECT_THROW(AttentionPath().add({three, 2}), Error);
}

}  // namespace
}  // namespace heed
