// Alignment error rate (Och and Ney 2003): how far a word alignment is from a gold one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace heed {

struct AlignmentLink {
  int64_t source, target;  // positions from 0
  bool sure;               // "1-2"; a gold link that may be left out is "1?2" or "1p2"
};

struct PharaohOptions {
  int first_position = 0;  // 1 for gold alignments that count from 1
};

// The links of a line such as "0-0 1-2 2?3"; an empty line has none, a link given twice counts
// once, and is sure if one of the two is. Throws Error for anything else, naming `where`
// (file:line).
std::vector<AlignmentLink> parse_pharaoh(std::string_view line, const std::string& where,
                                         const PharaohOptions& options = {});

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
AlignmentCounts compare_alignments(const std::vector<AlignmentLink>& links,
                                   const std::vector<AlignmentLink>& gold);

// Of a corpus in Pharaoh lines. Throws Error with both counts where they differ. The names are for
// messages.
struct AlignmentFile {
  std::string name;
  const std::vector<std::string>& lines;
  PharaohOptions options = {};
};
AlignmentCounts compare_alignments(const AlignmentFile& links, const AlignmentFile& gold);

// "AER = 0.123 precision = 0.912 recall = 0.845 (links = 120 sure = 100)".
std::string alignment_line(const AlignmentCounts& counts);

}  // namespace heed
