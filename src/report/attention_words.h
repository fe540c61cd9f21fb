// Pieces joined to the words that a reader sees. Alignments count words otherwise: see
// alignment/words.h.
#pragma once

#include <string>
#include <vector>

namespace heed {

// Pieces joined to words. A word is what stands between spaces, "▁" being the space, without the
// punctuation at its ends, which is a word of its own: "▁(", "well", "-", "known", ")." has three.
// So is a control piece such as "</s>", and each piece that starts with a script written without
// spaces (Han, kana, Thai and their like). Byte pieces such as "<0xE2>" become their characters.
struct AttentionWords {
  std::vector<std::string> texts;
  std::vector<int> word_of_piece;  // from 0
};
AttentionWords join_pieces(const std::vector<std::string>& pieces);

}  // namespace heed
