#include "config/values.h"

#include <gtest/gtest.h>

namespace heed {
namespace {

using Strings = std::vector<std::string>;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

Option option_of(OptionType type, Range range = {}, Strings choices = {}) {
  Option option;
  option.type = type;
  option.range = range;
  option.choices = std::move(choices);
  return option;
}

TEST(ParseValue, HoldsAnIntegerToItsRange) {
  Option option = option_of(OptionType::kInteger, {1, 10});
  int64_t value = -1;
  EXPECT_FALSE(parse_value("0", option, value));
  EXPECT_FALSE(parse_value("11", option, value));
  EXPECT_FALSE(parse_value("5.0", option, value));
  EXPECT_EQ(value, -1);
  EXPECT_TRUE(parse_value("1", option, value));
  EXPECT_EQ(value, 1);
  EXPECT_TRUE(parse_value("10", option, value));
  EXPECT_EQ(value, 10);
}

TEST(ParseValue, HoldsARealToItsRange) {
  double value = -1;
  Option open = option_of(OptionType::kReal, {0, kInfinity, true});
  EXPECT_FALSE(parse_value("0", open, value));
  EXPECT_FALSE(parse_value("-1e-9", open, value));
  EXPECT_EQ(value, -1);
  EXPECT_TRUE(parse_value("1e-300", open, value));
  EXPECT_EQ(value, 1e-300);
  Option closed = option_of(OptionType::kReal, {0, 1});
  EXPECT_TRUE(parse_value("0", closed, value));
  EXPECT_TRUE(parse_value("1", closed, value));
  EXPECT_FALSE(parse_value("1.0000001", closed, value));
  EXPECT_EQ(value, 1);
}

TEST(ParseValue, KnowsTwoBooleans) {
  Option option = option_of(OptionType::kBoolean);
  bool value = false;
  EXPECT_TRUE(parse_value("true", option, value));
  EXPECT_TRUE(value);
  EXPECT_FALSE(parse_value("True", option, value));
  EXPECT_FALSE(parse_value("0", option, value));
  EXPECT_TRUE(value);
  EXPECT_TRUE(parse_value("false", option, value));
  EXPECT_FALSE(value);
}

TEST(ParseValue, KnowsItsChoicesAndTakesAnyText) {
  Choice<"none", "gru", "lstm"> cell;
  Option choice = option_of(OptionType::kChoice);
  EXPECT_FALSE(parse_value("GRU", choice, cell));
  EXPECT_FALSE(parse_value("", choice, cell));
  EXPECT_EQ(cell.name(), "none");
  EXPECT_TRUE(parse_value("lstm", choice, cell));
  EXPECT_EQ(cell.name(), "lstm");
  std::string value = "old";
  EXPECT_TRUE(parse_value(" any # text ", option_of(OptionType::kText), value));
  EXPECT_EQ(value, " any # text ");
}

TEST(ParseValue, ReadsAListOfPaths) {
  Option option = option_of(OptionType::kPaths);
  Strings value = {"old"};
  EXPECT_FALSE(parse_value("a,", option, value));
  EXPECT_FALSE(parse_value(",", option, value));
  EXPECT_EQ(value, Strings{"old"});
  EXPECT_TRUE(parse_value(" a b ,c", option, value));
  EXPECT_EQ(value, (Strings{"a b", "c"}));
  EXPECT_TRUE(parse_value("  ", option, value));
  EXPECT_EQ(value, Strings{});
}

TEST(ParseValue, ReadsAListOfChoices) {
  Option option = option_of(OptionType::kTexts, {}, {"encoder", "output"});
  Strings value = {"old"};
  EXPECT_FALSE(parse_value("encoder, outputs", option, value));
  EXPECT_EQ(value, Strings{"old"});
  EXPECT_TRUE(parse_value("output,encoder", option, value));
  EXPECT_EQ(value, (Strings{"output", "encoder"}));
  EXPECT_TRUE(parse_value("", option, value));
  EXPECT_EQ(value, Strings{});
  EXPECT_TRUE(parse_value("anything", option_of(OptionType::kTexts), value));
}

TEST(ParseValue, SeveralRealsAreSeparatedByCommas) {
  Option option = option_of(OptionType::kReals, {0, 10, true});
  std::vector<double> value = {7};
  for (const char* bad : {"1,,2", "1,", ",", "1 2", "0, 1", "11", "a"}) {
    EXPECT_FALSE(parse_value(bad, option, value)) << bad;
  }
  EXPECT_EQ(value, std::vector<double>{7});
  EXPECT_TRUE(parse_value("1, 0.25 ,4", option, value));
  EXPECT_EQ(value, (std::vector<double>{1, 0.25, 4}));
  EXPECT_EQ(print_value(value), "1, 0.25, 4");
  EXPECT_TRUE(parse_value(" ", option, value));
  EXPECT_TRUE(value.empty());
}

TEST(PrintValue, IsTheShortestTextThatParsesBack) {
  EXPECT_EQ(print_value(int64_t{-7}), "-7");
  EXPECT_EQ(print_value(0.1), "0.1");
  EXPECT_EQ(print_value(5e-4), "0.0005");
  EXPECT_EQ(print_value(1.0), "1");
  EXPECT_EQ(print_value(true), "true");
  EXPECT_EQ(print_value(false), "false");
  for (double real : {1e-9, 1.0 / 3, 123456789.125, 1e300, 5e-324}) {
    double back = 0;
    ASSERT_TRUE(parse_value(print_value(real), option_of(OptionType::kReal), back));
    EXPECT_EQ(back, real);
  }
}

TEST(PathList, AnyPathComesBack) {
  const Strings paths = {"a.de",    "with space/b.de", "com,ma", "back\\slash", "ends\\",
                         " outer ", "\\, x",           "#;\"'",  "tab\t",       "ß/€"};
  EXPECT_EQ(split_paths(join_paths(paths)), paths);
  for (const std::string& path : paths) {
    EXPECT_EQ(split_paths(join_paths({path})), Strings{path}) << path;
  }
}

TEST(PathList, APlainPathStandsAsItIs) {
  EXPECT_EQ(join_paths({"data/a b.de", "/c.de"}), "data/a b.de, /c.de");
  EXPECT_EQ(join_paths({}), "");
  EXPECT_EQ(split_paths("a\\b,c\\"), (Strings{"a\\b", "c\\"}));
}

TEST(DescribeValues, SaysWhatIsAllowed) {
  EXPECT_EQ(describe_values(option_of(OptionType::kBoolean)), "true or false");
  EXPECT_EQ(describe_values(option_of(OptionType::kText)), "text");
  EXPECT_EQ(describe_values(option_of(OptionType::kPath)), "a path");
  EXPECT_EQ(describe_values(option_of(OptionType::kPaths)), "paths separated by commas");
  EXPECT_EQ(describe_values(option_of(OptionType::kTexts)), "texts separated by commas");
  EXPECT_EQ(describe_values(option_of(OptionType::kTexts, {}, {"a", "b"})),
            "some of a, b, separated by commas");
  EXPECT_EQ(describe_values(option_of(OptionType::kReals, {0, kInfinity, true})),
            "reals separated by commas, each > 0");
  EXPECT_EQ(describe_values(option_of(OptionType::kChoice, {}, {"a", "b"})), "one of a, b");
  EXPECT_EQ(describe_values(option_of(OptionType::kChoice, {}, {"a"})), "a");
  EXPECT_EQ(describe_values(option_of(OptionType::kInteger)), "integer");
  EXPECT_EQ(describe_values(option_of(OptionType::kInteger, {1})), "integer >= 1");
  EXPECT_EQ(describe_values(option_of(OptionType::kInteger, {1, 1000000})),
            "integer from 1 to 1000000");
  EXPECT_EQ(describe_values(option_of(OptionType::kReal, {0, kInfinity, true})), "real > 0");
  EXPECT_EQ(describe_values(option_of(OptionType::kReal, {0, 0.9})), "real from 0 to 0.9");
  EXPECT_EQ(describe_values(option_of(OptionType::kReal, {0, 1, true})), "real > 0, at most 1");
}

}  // namespace
}  // namespace heed
