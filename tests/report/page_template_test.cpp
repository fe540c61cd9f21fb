#include "report/page_template.h"

#include <gtest/gtest.h>

namespace heed {
namespace {

TEST(FillPage, ReplacesEachHoleAndNothingElse) {
  auto part = [](std::string_view name) { return name == "a" ? std::string("{{b}}") : "2"; };
  EXPECT_EQ(fill_page("<{{a}}{{b}}> } {", part), "<{{b}}2> } {");  // a part is not looked into
  EXPECT_EQ(fill_page("", part), "");
}

TEST(EscapeHtml, LeavesNoMarkup) {
  EXPECT_EQ(escape_html("<a href=\"x\">&amp;</a>\xff"),
            "&lt;a href=&quot;x&quot;&gt;&amp;amp;&lt;/a&gt;\xEF\xBF\xBD");
}

TEST(Embeddable, EndsNoScriptAndNoLine) {
  nlohmann::ordered_json json = {{"key", "</script><!-- & \u2028\u2029 \xff"}};
  std::string text = embeddable(json);
  for (const char* bad : {"<", ">", "&", "\u2028", "\u2029"}) {
    EXPECT_EQ(text.find(bad), std::string::npos) << text;
  }
  EXPECT_EQ(nlohmann::json::parse(text)["key"], "</script><!-- & \u2028\u2029 \xEF\xBF\xBD");
}

}  // namespace
}  // namespace heed
