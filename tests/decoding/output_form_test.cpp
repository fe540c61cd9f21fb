#include "decoding/output_form.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace heed {
namespace {

Translation example() {
  Translation one;
  one.text = "Ein ||| Hund\t\"x\"";
  one.score = -0.5;
  one.log_probability = -1.5;
  one.utility = 61.25;
  one.length = 3;
  one.source_pieces = {"▁A", "▁dog", "</s>"};
  one.target_pieces = {"▁Ein", "▁Hund", "</s>"};
  one.source_words = one.target_words = {0, 1, kNoWord};
  one.attention = {{0.75F, 0.125F, 0.125F}, {0.1F, 0.8F, 0.1F}, {0, 0, 1}};
  return one;
}

std::string print(OutputForm form, bool utility = false) {
  return print_translations(7, {example()}, {form, AlignmentUnit::kWord, utility});
}

TEST(OutputFormTest, TextWithAndWithoutScore) {
  EXPECT_EQ(print(OutputForm::kText), "Ein ||| Hund\t\"x\"\n");
  EXPECT_EQ(print(OutputForm::kScore), "-0.5000\tEin ||| Hund\t\"x\"\n");
}

TEST(OutputFormTest, MosesFieldsAreNotBroken) {
  EXPECT_EQ(print(OutputForm::kMoses),
            "7 ||| Ein &#124;&#124;&#124; Hund\t\"x\" ||| logprob=-1.5000 length=3 ||| -0.5000\n");
  EXPECT_EQ(print(OutputForm::kMoses, true),
            "7 ||| Ein &#124;&#124;&#124; Hund\t\"x\" ||| logprob=-1.5000 length=3 utility=61.2500 "
            "||| -0.5000\n");
}

TEST(OutputFormTest, TabsAreColumns) {
  EXPECT_EQ(print_translations(7, {example(), example()}, {OutputForm::kTabs}),
            "7\t0\t-0.5000\t-1.5000\t3\tEin ||| Hund \"x\"\n"
            "7\t1\t-0.5000\t-1.5000\t3\tEin ||| Hund \"x\"\n");
}

TEST(OutputFormTest, JsonHoldsAllThereIs) {
  auto object = nlohmann::json::parse(print(OutputForm::kJson));
  EXPECT_EQ(object["line"], 7);
  EXPECT_EQ(object["rank"], 0);
  EXPECT_EQ(object["text"], example().text);
  EXPECT_EQ(object["score"], -0.5);
  EXPECT_EQ(object["log_probability"], -1.5);
  EXPECT_FALSE(object.contains("utility"));
  EXPECT_EQ(object["length"], 3);
  EXPECT_EQ(object["ended"], true);
  EXPECT_EQ(object["source_pieces"], example().source_pieces);
  EXPECT_EQ(object["pieces"], example().target_pieces);
  EXPECT_EQ(object["alignment"], nlohmann::json::parse("[[0, 0], [1, 1]]"));
  EXPECT_EQ(object["attention"][0], nlohmann::json::parse("[0.75, 0.125, 0.125]"));
  EXPECT_EQ(object["attention"][1], nlohmann::json::parse("[0.1, 0.8, 0.1]"));
  EXPECT_EQ(nlohmann::json::parse(print(OutputForm::kJson, true))["utility"], 61.25);
}

TEST(OutputFormTest, JsonOfABlankLineIsAnObjectToo) {
  auto object = nlohmann::json::parse(print_translations(0, {Translation{}}, {OutputForm::kJson}));
  EXPECT_EQ(object["text"], "");
  EXPECT_TRUE(object["alignment"].empty());
}

}  // namespace
}  // namespace heed
