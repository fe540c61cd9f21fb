// Word alignments in Pharaoh's form: one line per sentence pair, "0-0 1-2 2?3".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "alignment/link.h"

namespace heed {

// Reads a line of links. "1-2" is sure; "1?2" and "1p2" may be left out. The links come back
// sorted, each once: a link that is given twice is sure if one of the two is. An empty line has
// none. Throws Error for anything else, naming `where` (file:line).
std::vector<Link> parse_pharaoh(std::string_view line, const std::string& where);

// How many words the two texts of a pair have; the target's are not checked where none is given.
struct PairWords {
  int64_t source = 0;
  std::optional<int64_t> target = {};
};
// Throws Error where a link points beyond the words, naming `where`, the link and the counts.
void check_links(const std::vector<Link>& links, const PairWords& words, const std::string& where);

// Writes the links in their order: "0-0 1-2 2?3".
std::string print_pharaoh(const std::vector<Link>& links);

}  // namespace heed
