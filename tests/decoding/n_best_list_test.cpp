#include "decoding/n_best_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "util/error.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(NBestListTest, ReadsMosesLists) {
  NBestEntry entry = parse_n_best("12 ||| a &#124;&#124;&#124; b ||| lm=-1 x=2 ||| -0.5", "f:1");
  EXPECT_EQ(entry.line, 12);
  EXPECT_EQ(entry.text, "a ||| b");
  EXPECT_EQ(entry.score, -0.5);
  EXPECT_THAT(entry.pieces, IsEmpty());
  EXPECT_EQ(parse_n_best("3 |||  ||| ||| 1e-3", "f:1").text, "");
  EXPECT_FALSE(parse_n_best("3 ||| a ||| x= 1", "f:1").score.has_value());
  EXPECT_EQ(parse_n_best("3 ||| a ||| x= 1 ||| 2 ||| 0-0 1-1", "f:1").score, 2);
}

TEST(NBestListTest, ReadsJsonWithItsPieces) {
  NBestEntry entry = parse_n_best(
      R"({"line":2,"text":"ab c","score":-1.5,"pieces":["▁a","b","▁c","</s>"]})", "f:1");
  EXPECT_EQ(entry.line, 2);
  EXPECT_EQ(entry.text, "ab c");
  EXPECT_EQ(entry.score, -1.5);
  EXPECT_THAT(entry.pieces, ElementsAre("▁a", "b", "▁c", "</s>"));
}

TEST(NBestListTest, SaysWhatIsWrong) {
  auto refusal = [](const std::string& raw) {
    return message_of<Error>([&] { parse_n_best(raw, "list:7"); });
  };
  EXPECT_THAT(refusal("just a text"), AllOf(HasSubstr("list:7: "), HasSubstr("1 fields")));
  EXPECT_THAT(refusal("0 ||| a"), HasSubstr("2 fields"));
  EXPECT_THAT(refusal("a ||| b ||| c ||| 1"), HasSubstr("\"a \" is no line's number"));
  EXPECT_THAT(refusal("0 ||| b ||| c ||| worse"), HasSubstr("is no score"));
  EXPECT_THAT(refusal("{\"line\": 1"), HasSubstr("list:7: not an object"));
  EXPECT_THAT(refusal("{\"line\": \"1\", \"text\": \"a\"}"), HasSubstr("not an object"));
  EXPECT_THAT(refusal("{}"), HasSubstr("not an object"));
  EXPECT_THAT(refusal("{\"line\": 1,, }"),
              HasSubstr("line 1, column 12: \",\" cannot stand there"));
  for (const char* line : {"1.5", "1e300", "18446744073709551615", "[1]", "null"}) {
    EXPECT_THAT(refusal(fmt::format(R"({{"line": {}, "text": "a"}})", line)),
                HasSubstr("not an object"))
        << line;
  }
}

// Writing it again would take the stack's memory.
TEST(NBestListTest, DeepJsonIsRefused) {
  std::string deep = std::string(1000000, '[') + std::string(1000000, ']');
  EXPECT_THAT(message_of<Error>(
                  [&] { parse_n_best(R"({"line":1,"text":"a","x":)" + deep + "}", "list:7"); }),
              HasSubstr("nested more than 100 deep"));
}

std::string added(const std::string& raw, std::optional<double> score = std::nullopt) {
  return with_feature(parse_n_best(raw, "f:1"), {"new", -1.25, score});
}

TEST(NBestListTest, AddsAFeatureAndLeavesTheRest) {
  EXPECT_EQ(added("0 ||| a &#124; b ||| x=1 y= 2 ||| -3"),
            "0 ||| a &#124; b ||| x=1 y= 2 new=-1.2500 ||| -3");
  EXPECT_EQ(added("0 ||| a |||  ||| -3"), "0 ||| a ||| new=-1.2500 ||| -3");
  EXPECT_EQ(added("0 ||| a ||| x=1"), "0 ||| a ||| x=1 new=-1.2500");
  EXPECT_EQ(added("0 ||| a ||| x=1 ||| -3 ||| 0-0"), "0 ||| a ||| x=1 new=-1.2500 ||| -3 ||| 0-0");
  EXPECT_EQ(added("0 ||| a ||| x=1 ||| -3", -4.5), "0 ||| a ||| x=1 new=-1.2500 ||| -4.5000");
  EXPECT_EQ(added("0 ||| a ||| x=1 ||| -3 ||| 0-0", -4.5),
            "0 ||| a ||| x=1 new=-1.2500 ||| -4.5000 ||| 0-0");
  EXPECT_EQ(added(R"({"line":0,"text":"ä","score":-3})", -4.5),
            R"({"line":0,"text":"ä","score":-4.5,"new":-1.25})");
}

TEST(NBestListTest, JsonStaysAsItIsWritten) {
  std::string numbers = R"("x":12345678901234567890123,"y":0.1000000000000000055511,"z":1E2)";
  EXPECT_EQ(added(R"({"line":0,"text":"a",)" + numbers + "}"),
            R"({"line":0,"text":"a",)" + numbers + R"(,"new":-1.25})");
  std::string begin =
      R"({ "line":0, "text":"}\\\",\u00e4", "k":{"score":[1,{}],"b":"]"} , "score" : )";
  EXPECT_EQ(added(begin + "-3 } ", -4.5), begin + R"(-4.5,"new":-1.25 } )");
  NBestEntry entry = parse_n_best(R"({"line":0,"rank":1,"text":"a","score":-3})", "f:1");
  EXPECT_EQ(with_feature(entry, {"n\"", 1, -2.5, 0}),
            R"({"line":0,"rank":0,"text":"a","score":-2.5,"n\"":1.0})");
}

TEST(NBestListTest, AKeyThatComesTwiceIsRefused) {
  for (const char* raw :
       {R"({"line":3,"text":"a","x":1,"x":2})", R"({"x":1,"line":3,"text":"a","\u0078":1})"}) {
    EXPECT_THAT(message_of<Error>([&] { parse_n_best(raw, "f:1"); }),
                HasSubstr("f:1: its key \"x\" is there twice"));
  }
  EXPECT_EQ(parse_n_best(R"({"line":3,"text":"a","x":{"line":1}})", "f:1").line, 3);
}

TEST(NBestListTest, AFeatureTakesNobodysPlace) {
  EXPECT_THAT(message_of<Error>([] {
                with_feature(parse_n_best(R"({"line":3,"text":"a"})", "f:1"), {"text", -1.25});
              }),
              AllOf(HasSubstr("line 3"), HasSubstr("\"text\""), HasSubstr("another name")));
}

}  // namespace
}  // namespace heed
