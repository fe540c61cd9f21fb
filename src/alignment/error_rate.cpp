#include "alignment/error_rate.h"

#include <algorithm>

#include "util/error.h"

namespace heed {
namespace {

double ratio(int64_t part, int64_t whole) {
  return whole == 0 ? 1.0 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

AlignmentCounts& AlignmentCounts::operator+=(const AlignmentCounts& other) {
  links += other.links;
  sure += other.sure;
  matched_sure += other.matched_sure;
  matched_possible += other.matched_possible;
  return *this;
}

double AlignmentCounts::precision() const { return ratio(matched_possible, links); }
double AlignmentCounts::recall() const { return ratio(matched_sure, sure); }
double AlignmentCounts::error_rate() const {
  return 1 - ratio(matched_sure + matched_possible, links + sure);
}

AlignmentCounts compare_alignments(const std::vector<Link>& links, const std::vector<Link>& gold) {
  AlignmentCounts counts;
  counts.links = std::ssize(links);
  for (const Link& wanted : gold) {
    bool found = std::ranges::any_of(links, [&](const Link& link) {
      return link.source == wanted.source && link.target == wanted.target;
    });
    counts.sure += wanted.sure;
    counts.matched_sure += wanted.sure && found;
    counts.matched_possible += found;
  }
  return counts;
}

}  // namespace heed
