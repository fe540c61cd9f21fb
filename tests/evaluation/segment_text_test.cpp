#include "evaluation/segment_text.h"

#include <gmock/gmock.h>

#include "evaluation/golden.h"

namespace heed {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(SegmentText, LowercaseEqualsPythons) {
  auto data = golden::load("tokens.json");
  auto lines = data.at("lines").get<std::vector<std::string>>();
  auto lowered = data.at("lowercase").get<std::vector<std::string>>();
  ASSERT_EQ(lines.size(), lowered.size());
  for (size_t i = 0; i < lines.size(); ++i) EXPECT_EQ(to_lower(lines[i]), lowered[i]);
}

TEST(SegmentText, LowercaseKnowsFinalSigmaAndLongerForms) {
  EXPECT_EQ(to_lower("ABC xyz 1"), "abc xyz 1");
  EXPECT_EQ(to_lower("ΌΔΟΣ ΣΑΣ"), "όδος σας");
  EXPECT_EQ(to_lower("İ"), "i\u0307");
  std::string many;
  for (int i = 0; i < 100; ++i) many += "İ";  // 2 bytes become 3
  EXPECT_EQ(to_lower(many).size(), 300u);
  EXPECT_EQ(to_lower(""), "");
}

TEST(SegmentText, SplitsOnPythonsWhiteSpaceAlone) {
  std::vector<std::string_view> words = {"left over"};
  split_on_spaces(
      "\u3000a\x1c"
      "b\u00a0c\u2003\td\u200b\u0085 ",
      words);
  EXPECT_THAT(words, ElementsAre("a", "b", "c", "d\u200b"));
  split_on_spaces(" \n", words);
  EXPECT_THAT(words, IsEmpty());
}

TEST(SegmentText, Strips) {
  EXPECT_EQ(strip_end(" a b\u3000\x1f\n"), " a b");
  EXPECT_EQ(strip_end("é"), "é");
  EXPECT_EQ(strip_end("\u2029 \u00a0"), "");
  EXPECT_EQ(strip_both("\u1680 a\u200b \t"), "a\u200b");
  // Bytes that are no UTF-8 are no white space.
  EXPECT_EQ(strip_end("a\x80\x80"), "a\x80\x80");
  EXPECT_EQ(strip_end("\xa0"), "\xa0");
}

}  // namespace
}  // namespace heed
