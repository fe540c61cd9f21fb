#include "util/json_text.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

namespace heed {
namespace {

std::string fault(std::string_view text) { return json_fault(text).value_or("none"); }

TEST(JsonFaultTest, JsonHasNone) {
  for (const char* text :
       {"{}", "[1, 2.5e3, null, true, \"\\u00e9\"]", "3", " {\"a\": {\"b\": []}}\n"}) {
    EXPECT_EQ(fault(text), "none") << text;
  }
}

TEST(JsonFaultTest, TellsThePlace) {
  EXPECT_EQ(fault(""), "it is empty");
  EXPECT_EQ(fault("{\"a\": 1,\n \"b\""), "it ends too early, in line 2, column 4");
  EXPECT_EQ(fault("{\"a\":\n \xC3\xA9}"), "line 2, column 2: \"\u00e9\" cannot stand there");
  EXPECT_EQ(fault("\xFF{}"), "line 1, column 1: \"\\xFF\" cannot stand there");
  EXPECT_EQ(fault("[1] 2"), "line 1, column 5: \"2\" cannot stand there");
  EXPECT_EQ(fault("[1, 1e400]"), "line 1, column 9: the number before it is too large");
}

TEST(JsonFaultTest, DeepNestsAreRefused) {
  std::string deep(1000000, '[');
  EXPECT_EQ(fault(deep + std::string(deep.size(), ']')),
            "its lists and objects are nested more than 100 deep");
  EXPECT_EQ(fault(std::string(100, '[') + std::string(100, ']')), "none");
}

TEST(JsonFaultTest, EveryCutOfATextIsFound) {
  const std::string whole = "{\"\u00e9\": [1.5, -2, \"a\\nb\", {\"c\": null}], \"d\": false}";
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_TRUE(json_fault(whole.substr(0, size)).has_value()) << size;
  }
}

TEST(JsonMembersTest, ValuesStayAsTheyAreWritten) {
  std::string found;
  for (const auto& [key, value] :
       json_members(R"({"a" : 1.50 ,"b\u00e9":"x,}\"]","c":{"d":[1,{}], "e":2}, "f":[ ] })")) {
    found += fmt::format("{}={};", key, value);
  }
  EXPECT_EQ(found, R"(a=1.50;bé="x,}\"]";c={"d":[1,{}], "e":2};f=[ ];)");
  EXPECT_TRUE(json_members("{ }").empty());
}

}  // namespace
}  // namespace heed
