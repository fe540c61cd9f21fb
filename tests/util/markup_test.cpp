#include "util/markup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "util/error.h"

namespace heed {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(RefuseMarkup, SgmAndXmlByTheirFirstLine) {
  for (const char* first :
       {"<refset setid=\"newstest2014\" srclang=\"any\" trglang=\"de\">", "<srcset x>",
        "<tstset y>", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
        "<!DOCTYPE mteval SYSTEM \"x.dtd\">", "  <TMX version=\"1.4\">", "<xliff version=\"1.2\">",
        "<dataset id=\"wmttest2022\">", "<seg id=\"1\">A dog.</seg>", "<seg>A dog.</seg>",
        "<doc docid=\"x\">"}) {
    EXPECT_THAT(
        [&] {
          refuse_markup({"", " ", first, "text"}, "ref.sgm");
        },
        ThrowsMessage<Error>(HasSubstr("ref.sgm:3: ")))
        << first;
  }
}

TEST(BeginsMarkup, LooksAtOneLine) {
  EXPECT_TRUE(begins_markup(" <HTML><body>"));
  EXPECT_FALSE(begins_markup("<b>bold</b>"));
  EXPECT_FALSE(begins_markup(""));
}

TEST(RefuseMarkup, PlainTextPasses) {
  for (const char* first :
       {"Text.", "a <b> c", "<b>bold</b>", "<s> </s>", "< x", "<3", "<segment>", "<docking>"}) {
    EXPECT_NO_THROW(refuse_markup({first, "<?xml"}, "text")) << first;
  }
  EXPECT_NO_THROW(refuse_markup({"Text.", "<?xml version"}, "text"));
  EXPECT_NO_THROW(refuse_markup({}, "text"));
}

}  // namespace
}  // namespace heed
