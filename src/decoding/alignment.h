// Hard alignments by a translation's attention.
#pragma once

#include <vector>

#include "alignment/link.h"
#include "alignment/word_weights.h"
#include "decoding/translation.h"

namespace heed {

// What links number: words (see alignment/words.h) or pieces.
enum class AlignmentUnit { kWord, kPiece };

// A translation's attention, merged to the units that its pieces belong to: words, or what words
// are divided into (alignment/word_weights.h). Needs a translation with pieces and attention.
WordWeights merge_attention(const Translation& translation, const PieceWords& target_units,
                            const PieceWords& source_units);

// Links each target word (or piece) to the source word (or piece) with the most attention. The end
// symbols have no link, nor has a word without a piece or without attention. Needs a translation
// with pieces and attention.
std::vector<Link> hard_alignment(const Translation& translation, AlignmentUnit unit);

}  // namespace heed
