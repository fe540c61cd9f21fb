#include "alignment/pharaoh.h"

#include <gmock/gmock.h>

#include "util/error.h"
#include "util/temp_folder.h"

namespace heed {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string again(std::string_view line) { return print_pharaoh(parse_pharaoh(line, "f:1")); }

TEST(Pharaoh, ReadsSureAndPossibleLinks) {
  EXPECT_THAT(
      parse_pharaoh(" 2-1 0-0\t1?2 10p3 ", "f:1"),
      ElementsAre(Link{0, 0, true}, Link{1, 2, false}, Link{2, 1, true}, Link{10, 3, false}));
  EXPECT_TRUE(parse_pharaoh("", "f:1").empty());
}

TEST(Pharaoh, WritesWhatItReads) {
  EXPECT_EQ(again("0-0 1?2 2-1 10?3"), "0-0 1?2 2-1 10?3");
  EXPECT_EQ(again(""), "");
}

TEST(Pharaoh, CountsALinkOnceAndSureIfEitherIs) {
  EXPECT_EQ(again("1-1 0?0 1-1 0-0 2?2 2?2"), "0-0 1-1 2?2");
}

TEST(Pharaoh, RefusesAnythingElse) {
  for (const char* line : {"1", "a-b", "1-", "-1", "1-2-3", "1-2:0.5", "1:2", "1--2", "1p-1"}) {
    EXPECT_THAT(message_of<Error>([&] { parse_pharaoh(std::string("0-0 ") + line, "gold:7"); }),
                StartsWith(std::string("gold:7: '") + line + "' is no alignment link; write"))
        << line;
  }
}

TEST(Pharaoh, LinksMustLieWithinTheWords) {
  std::vector<Link> links = {{0, 0}, {2, 3}};
  auto fault = [&](const PairWords& words) {
    return message_of<Error>([&] { check_links(links, words, "gold:7"); });
  };
  check_links(links, {3, 4}, "gold:7");
  check_links(links, {3}, "gold:7");
  EXPECT_THAT(fault({2, 4}), StartsWith("gold:7: the link 2-3 points beyond the source's 2 and the "
                                        "target's 4 words"));
  EXPECT_THAT(fault({3, 3}), HasSubstr("the target's 3 words"));
  EXPECT_THAT(fault({2}), HasSubstr("the source's 2 words"));
}

}  // namespace
}  // namespace heed
