// A link between a word of a sentence and a word of its translation.
#pragma once

#include <cstdint>

namespace heed {

// Positions are words (see alignment/words.h) or pieces, from 0.
struct Link {
  int64_t source = 0, target = 0;
  bool sure = true;  // false: a gold link that may be left out

  bool operator==(const Link&) const = default;
};

}  // namespace heed
