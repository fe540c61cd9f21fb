#include "decoding/mbr.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "util/file_content.h"

namespace heed {
namespace {

nlohmann::json golden() {
  return nlohmann::json::parse(read_file(HEED_SOURCE_DIR "/tests/decoding/golden/mbr.json"));
}

std::vector<Translation> translations(const nlohmann::json& entry) {
  std::vector<Translation> all;
  for (size_t i = 0; i < entry["texts"].size(); ++i) {
    all.emplace_back();
    all.back().text = entry["texts"][i];
    all.back().log_probability = entry["log_probabilities"][i];
  }
  return all;
}

// Utilities by sacreBLEU: see scripts/make_decoding_golden.py.
TEST(MbrTest, UtilitiesAreSacrebleusAndTheHighestComesFirst) {
  for (const auto& entry : golden()) {
    auto all = translations(entry);
    auto weights = mbr_weights(all, entry["sampled"]);
    std::string utility = entry["metric"] == "chrf" ? "chrf" : "bleu";
    std::vector<std::pair<double, std::string>> expected;
    for (size_t i = 0; i < all.size(); ++i)
      expected.emplace_back(entry["utilities"][i], all[i].text);
    std::ranges::stable_sort(expected, std::greater<>(), [](const auto& one) { return one.first; });
    choose_by_utility(all, weights, utility);
    ASSERT_EQ(all.size(), expected.size());
    for (size_t i = 0; i < all.size(); ++i) {
      EXPECT_NEAR(all[i].utility, expected[i].first, 1e-6) << entry;
      EXPECT_EQ(all[i].text, expected[i].second) << entry;
    }
  }
}

// What the option is for: the likeliest of the first list is nobody's neighbour.
TEST(MbrTest, AnOutlierLosesThoughItIsTheLikeliest) {
  auto all = translations(golden()[0]);
  EXPECT_EQ(std::ranges::max(all, {}, &Translation::log_probability).text, "Wo ist der Zug?");
  choose_by_utility(all, mbr_weights(all, false), "chrf");
  EXPECT_EQ(all.back().text, "Wo ist der Zug?");
}

TEST(MbrTest, WeightsSumToOneHoweverSmallTheProbabilities) {
  std::vector<Translation> all(3);
  for (auto& one : all) one.log_probability = -5000;
  all[1].log_probability = -5000 - std::log(2.0);
  auto weights = mbr_weights(all, false);
  EXPECT_NEAR(weights[0], 0.4, 1e-12);
  EXPECT_NEAR(weights[1], 0.2, 1e-12);
  EXPECT_NEAR(mbr_weights(all, true)[1], 1.0 / 3, 1e-12);
}

}  // namespace
}  // namespace heed
