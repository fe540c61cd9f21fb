// Hard alignments by attention, in Pharaoh's form.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "decoding/translation.h"

namespace heed {

// Words are what white space separates, as SentencePiece marks them.
enum class AlignmentUnit { kWord, kPiece };

struct Link {
  int64_t source, target;  // from 0
};

// For each target word (or piece) the source word (or piece) with the most attention; the end
// symbols are none. Needs a translation with pieces and attention; without words there is no link.
std::vector<Link> hard_alignment(const Translation& translation, AlignmentUnit unit);

// "0-0 1-2"
std::string pharaoh(const std::vector<Link>& links);

// The word of each piece, from 0; the end symbol, which is the last, belongs to none.
std::vector<int64_t> word_of_pieces(const std::vector<std::string>& pieces);

}  // namespace heed
