#include "alignment/error_rate.h"

#include <gtest/gtest.h>

#include "alignment/pharaoh.h"

namespace heed {
namespace {

AlignmentCounts compare(const char* links, const char* gold) {
  return compare_alignments(parse_pharaoh(links, "links:1"), parse_pharaoh(gold, "gold:1"));
}

TEST(AlignmentErrorRate, FollowsTheFormula) {
  // A = 4 links, S = 3, A & S = 2, A & P = 3.
  AlignmentCounts counts = compare("0-0 1-1 2-3 5-5", "0-0 1-1 2-2 2?3 4?4");
  EXPECT_DOUBLE_EQ(counts.precision(), 3.0 / 4);
  EXPECT_DOUBLE_EQ(counts.recall(), 2.0 / 3);
  EXPECT_DOUBLE_EQ(counts.error_rate(), 1 - (2.0 + 3) / (4 + 3));
}

TEST(AlignmentErrorRate, OfNothingIsZero) {
  AlignmentCounts nothing;
  EXPECT_EQ(nothing.error_rate(), 0);
  EXPECT_EQ(nothing.precision(), 1);
  AlignmentCounts missed = compare("", "0-0");
  EXPECT_EQ(missed.error_rate(), 1);
  EXPECT_EQ(missed.recall(), 0);
}

TEST(AlignmentErrorRate, SumsOverACorpusBeforeDividing) {
  AlignmentCounts counts;
  counts += compare("0-0", "0-0");
  counts += compare("1-2 2-2 3-3", "1-2 2?2 3-4");
  counts += compare("", "0-0");
  EXPECT_EQ(counts.links, 4);
  EXPECT_EQ(counts.sure, 4);
  EXPECT_EQ(counts.matched_sure, 2);
  EXPECT_EQ(counts.matched_possible, 3);
  EXPECT_DOUBLE_EQ(counts.error_rate(), 1 - 5.0 / 8);
}

}  // namespace
}  // namespace heed
