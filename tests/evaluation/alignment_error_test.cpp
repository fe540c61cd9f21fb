#include "evaluation/alignment_error.h"

#include <gmock/gmock.h>

#include "util/error.h"

namespace heed {
namespace {

template <typename Call>
std::string error_of(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

std::string show(const std::vector<AlignmentLink>& links) {
  std::string out;
  for (const AlignmentLink& link : links) {
    out +=
        std::to_string(link.source) + (link.sure ? "-" : "?") + std::to_string(link.target) + " ";
  }
  return out;
}

TEST(ParsePharaoh, ReadsSureAndPossibleLinks) {
  EXPECT_EQ(show(parse_pharaoh(" 2-1 0-0\t1?2 10p3 ", "f:1")), "0-0 1?2 2-1 10?3 ");
  EXPECT_EQ(show(parse_pharaoh("", "f:1")), "");
  EXPECT_EQ(show(parse_pharaoh("1-1 2?3", "f:1", {.first_position = 1})), "0-0 1?2 ");
}

TEST(ParsePharaoh, CountsALinkOnceAndSureIfEitherIs) {
  EXPECT_EQ(show(parse_pharaoh("1-1 0?0 1-1 0-0 2?2 2?2", "f:1")), "0-0 1-1 2?2 ");
}

TEST(ParsePharaoh, RefusesAnythingElse) {
  for (const char* line : {"1", "a-b", "1-", "-1", "1-2-3", "1-2:0.5", "1:2"}) {
    EXPECT_THAT(
        error_of([&] { parse_pharaoh(std::string("0-0 ") + line, "gold:7"); }),
        testing::StartsWith(std::string("gold:7: '") + line + "' is no alignment link; write"))
        << line;
  }
  EXPECT_EQ(error_of([] { parse_pharaoh("1-1 0-2", "gold:7", {.first_position = 1}); }),
            "gold:7: link '0-2' lies before the first position, 1; check whether the file counts "
            "from 0 or from 1");
}

TEST(AlignmentErrorRate, FollowsTheFormula) {
  // A = 4 links, S = 3, A & S = 2, A & P = 3.
  auto links = parse_pharaoh("0-0 1-1 2-3 5-5", "a:1");
  auto gold = parse_pharaoh("0-0 1-1 2-2 2?3 4?4", "g:1");
  AlignmentCounts counts = compare_alignments(links, gold);
  EXPECT_DOUBLE_EQ(counts.precision(), 3.0 / 4);
  EXPECT_DOUBLE_EQ(counts.recall(), 2.0 / 3);
  EXPECT_DOUBLE_EQ(counts.error_rate(), 1 - (2.0 + 3) / (4 + 3));
  EXPECT_EQ(alignment_line(counts),
            "AER = 0.286 precision = 0.750 recall = 0.667 (links = 4 sure = 3)");
}

TEST(AlignmentErrorRate, OfNothingIsZero) {
  AlignmentCounts nothing;
  EXPECT_EQ(nothing.error_rate(), 0);
  EXPECT_EQ(nothing.precision(), 1);
  AlignmentCounts missed = compare_alignments({}, parse_pharaoh("0-0", "g:1"));
  EXPECT_EQ(missed.error_rate(), 1);
  EXPECT_EQ(missed.recall(), 0);
}

TEST(AlignmentErrorRate, SumsOverACorpusBeforeDividing) {
  std::vector<std::string> links = {"0-0", "1-2 2-2 3-3", ""}, gold = {"1-1", "2-3 3?3 4-5", "1-1"};
  AlignmentCounts counts =
      compare_alignments({"out", links}, {"gold", gold, {.first_position = 1}});
  EXPECT_EQ(counts.links, 4);
  EXPECT_EQ(counts.sure, 4);
  EXPECT_EQ(counts.matched_sure, 2);
  EXPECT_EQ(counts.matched_possible, 3);
  EXPECT_DOUBLE_EQ(counts.error_rate(), 1 - 5.0 / 8);
}

TEST(AlignmentErrorRate, NamesFilesAndLinesInErrors) {
  std::vector<std::string> one = {"0-0"}, two = {"0-0", "x"}, both = {"0-0", "1-1"}, none;
  EXPECT_EQ(error_of([&] {
              compare_alignments({"out", one}, {"gold", two});
            }),
            "alignments: out has 1 lines but gold has 2; each sentence pair needs its own line in "
            "both");
  EXPECT_THAT(error_of([&] {
                compare_alignments({"out", two}, {"gold", both});
              }),
              testing::StartsWith("out:2: 'x' is no alignment link"));
  EXPECT_EQ(error_of([&] {
              compare_alignments({"out", none}, {"gold", none});
            }),
            "alignments: out and gold are empty; give at least one line");
}

}  // namespace
}  // namespace heed
