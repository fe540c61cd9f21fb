#include "decoding/attention_report.h"

#include <gmock/gmock.h>

#include <cmath>

#include "util/error.h"

namespace heed {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatEq;
using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::ordered_json;

constexpr AttentionKind kCross = AttentionKind::kCross;

// Two target words of two and one pieces over two source words; maps of two layers, two heads.
AttentionSentence pair() {
  AttentionSentence sentence{
      "the bank", "am Ufer", {"▁the", "▁bank", "</s>"}, {"▁a", "m", "▁Ufer", "</s>"}, {}};
  std::vector<float> aligned = {1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1};
  std::vector<float> crossed = {0, 1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1};
  std::vector<float> at_end = {0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1};
  std::vector<float> even(12, 1.0f / 3);
  sentence.maps = {{kCross, 1, 1, aligned},
                   {kCross, 1, 2, crossed},
                   {kCross, 2, 1, at_end},
                   {kCross, 2, 2, even},
                   {AttentionKind::kEncoderSelf, 1, 1, {1, 0, 0, 0, 1, 0, 0, 0, 1}}};
  sentence.source_words = {0, 1, kNoWord};
  sentence.target_words = {0, 0, 1, kNoWord};
  return sentence;
}

const std::vector<Link> kGold = {{0, 0, true}, {1, 1, true}};
const AmbiguousWord kBank{0, 1, "bank", "river", {"Ufer"}, {"Bank"}};

Json head_of(const Json& report, const std::string& kind, int layer, int head) {
  for (const Json& entry : report.at("heads")) {
    if (entry.at("kind") == kind && entry.at("layer") == layer && entry.at("head") == head) {
      return entry;
    }
  }
  ADD_FAILURE() << "no " << kind << " " << layer << "." << head;
  return {};
}

TEST(HeadsAndAverages, AveragesOfSeveralOnly) {
  auto heads = heads_and_averages(pair());
  std::vector<std::string> keys;
  for (const auto& [key, weights] : heads) {
    keys.push_back(std::string(attention_kind_key(key.kind)) + std::to_string(key.layer) +
                   std::to_string(key.head));
  }
  EXPECT_THAT(keys, ElementsAre("cross00", "cross10", "cross11", "cross12", "cross20", "cross21",
                                "cross22", "encoder_self00"));
  const auto& first = heads.at({kCross, 1, 0});
  EXPECT_THAT(std::vector<float>(first.begin(), first.begin() + 3), ElementsAre(0.5f, 0.5f, 0));
  const auto& all = heads.at({kCross, 0, 0});
  EXPECT_THAT(std::vector<float>(all.begin(), all.begin() + 3),
              ElementsAre(FloatEq(1.0f / 3), FloatEq(1.0f / 3), FloatEq(1.0f / 3)));
}

TEST(HeadsAndAverages, RefuseHeadsOfTwoSizes) {
  AttentionSentence sentence = pair();
  sentence.maps[1].weights.pop_back();
  EXPECT_THROW(heads_and_averages(sentence), Error);
}

TEST(AttentionReport, MeasuresEachHead) {
  AttentionReport report;
  report.add(pair(), kGold);
  Json json = report.json();
  EXPECT_EQ(json.at("sentences"), 1);
  Json aligned = head_of(json, "cross", 1, 1), crossed = head_of(json, "cross", 1, 2);
  EXPECT_EQ(aligned.at("rows"), 4);
  EXPECT_EQ(aligned.at("entropy"), 0.0);
  EXPECT_EQ(aligned.at("monotonicity"), 1.0);
  EXPECT_EQ(aligned.at("coverage"), 1.0);
  EXPECT_EQ(aligned.at("alignment").at("error_rate"), 0.0);
  EXPECT_EQ(aligned.at("alignment").at("links"), 2);
  EXPECT_EQ(crossed.at("monotonicity"), -1.0);
  EXPECT_EQ(crossed.at("alignment").at("error_rate"), 1.0);
  // All on the end symbol: no word has any, and there is no link.
  Json at_end = head_of(json, "cross", 2, 1);
  EXPECT_EQ(at_end.at("top1"), 1.0);
  EXPECT_EQ(at_end.at("alignment").at("links"), 0);
  EXPECT_EQ(at_end.at("alignment").at("recall"), 0.0);
  EXPECT_TRUE(at_end.at("monotonicity").is_null());
  EXPECT_EQ(at_end.at("coverage"), 0.0);
  Json even = head_of(json, "cross", 2, 2);
  EXPECT_NEAR(even.at("entropy").get<double>(), std::log(3.0), 1e-6);
  EXPECT_NEAR(even.at("entropy_share").get<double>(), 1, 1e-6);
  EXPECT_NEAR(even.at("top1").get<double>(), 1.0 / 3, 1e-6);
  EXPECT_FALSE(head_of(json, "encoder_self", 0, 0).contains("alignment"));
  EXPECT_FALSE(json.contains("senses"));
}

TEST(AttentionReport, SentencesWithLinksToWordsWithoutAPieceAreCounted) {
  AttentionReport report;
  report.add(pair(), kGold);
  EXPECT_EQ(report.unmatched(), 0);
  report.add(pair(), std::vector<Link>{{0, 0}, {2, 1}});
  report.add(pair(), std::vector<Link>{{1, 2}, {7, 7}});
  EXPECT_EQ(report.unmatched(), 2);
  EXPECT_EQ(head_of(report.json(), "cross", 1, 1).at("alignment").at("sure"), 6);
}

TEST(AttentionReport, WithoutGoldThereIsNoErrorRate) {
  AttentionReport report;
  report.add(pair());
  EXPECT_FALSE(head_of(report.json(), "cross", 0, 0).contains("alignment"));
  EXPECT_THAT(report.table(), Not(HasSubstr("AER")));
}

TEST(AttentionReport, SensesAndWhereAttentionWent) {
  AttentionReport report;
  AttentionSentence right = pair(), wrong = pair();
  wrong.target_text = "am Bank";
  wrong.target_pieces[2] = "▁Bank";
  report.add_senses(right, {kBank});
  report.add_senses(wrong, {kBank});
  right.target_text = "am Rand";
  report.add_senses(right, {kBank});
  Json json = report.json();
  EXPECT_EQ(json.at("senses").at("words"), 3);
  EXPECT_EQ(json.at("senses").at("by_word").at("bank").at("neither"), 1);
  EXPECT_NEAR(json.at("senses").at("accuracy").get<double>(), 1.0 / 3, 1e-12);
  Json aligned = head_of(json, "cross", 1, 1).at("senses");
  EXPECT_EQ(aligned.at("right").at("words"), 1);
  EXPECT_EQ(aligned.at("right").at("own"), 1.0);
  EXPECT_EQ(aligned.at("wrong").at("own"), 1.0);
  Json crossed = head_of(json, "cross", 1, 2).at("senses");
  EXPECT_EQ(crossed.at("right").at("own"), 0.0);
  EXPECT_EQ(crossed.at("right").at("rest"), 1.0);
  EXPECT_EQ(head_of(json, "cross", 2, 1).at("senses").at("right").at("rest"), 0.0);
}

TEST(AttentionReport, AWordThatWasCutOffIsJudgedButNotMeasured) {
  AttentionReport report;
  AmbiguousWord beyond = kBank;
  beyond.token = 7;
  report.add_senses(pair(), {beyond});
  Json json = report.json();
  EXPECT_EQ(json.at("senses").at("right"), 1);
  EXPECT_TRUE(json.at("heads").empty());
  EXPECT_THAT(report.table(), HasSubstr("1 ambiguous words, 1 right (100.0%)"));
}

TEST(AttentionReport, TableHasARowAHead) {
  AttentionReport report;
  report.add(pair(), kGold);
  report.add_senses(pair(), {kBank});
  std::string table = report.table();
  EXPECT_THAT(table, HasSubstr("cross         mean  mean"));
  EXPECT_THAT(table, HasSubstr("cross            1     1"));
  EXPECT_THAT(table, HasSubstr("encoder self  mean  mean"));
  EXPECT_THAT(table, HasSubstr("AER"));
  EXPECT_THAT(table, HasSubstr("word senses: 1 ambiguous words, 1 right (100.0%)"));
  EXPECT_THAT(table, HasSubstr("on the word itself"));
}

TEST(AttentionReport, OfNothingIsEmptyAndValid) {
  Json json = AttentionReport().json();
  EXPECT_EQ(json.at("sentences"), 0);
  EXPECT_TRUE(json.at("heads").empty());
}

}  // namespace
}  // namespace heed
