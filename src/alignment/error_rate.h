// Alignment error rate (Och and Ney 2003): how far a word alignment is from a gold one.
#pragma once

#include <cstdint>
#include <vector>

#include "alignment/link.h"

namespace heed {

// Sums over a corpus. A are the links to judge, S the gold's sure ones, P all of the gold's.
struct AlignmentCounts {
  int64_t links = 0;             // |A|
  int64_t sure = 0;              // |S|
  int64_t matched_sure = 0;      // |A & S|
  int64_t matched_possible = 0;  // |A & P|

  AlignmentCounts& operator+=(const AlignmentCounts& other);
  double precision() const;  // |A & P| / |A|
  double recall() const;     // |A & S| / |S|
  // 1 - (|A & S| + |A & P|) / (|A| + |S|), from 0 (best) to 1. Nothing to find and nothing found is
  // no error, here and above.
  double error_rate() const;
};

// Of one sentence pair. Neither list may hold a link twice; the marks of `links` do not matter.
AlignmentCounts compare_alignments(const std::vector<Link>& links, const std::vector<Link>& gold);

}  // namespace heed
