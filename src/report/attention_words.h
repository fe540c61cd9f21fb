// Pieces joined to the words that a reader sees, and attention with them.
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
  std::vector<int> word_of_piece;  // from 0; -1: the piece belongs to no word
};
AttentionWords join_pieces(const std::vector<std::string>& pieces);

// The words that white space separates, as gold alignments count them: a word with the punctuation
// at its ends. Control pieces such as "</s>" belong to no word.
AttentionWords space_words(const std::vector<std::string>& pieces);

// [rows, columns] of pieces to [rows, columns] of words: columns are summed, as attention to a word
// is attention to any of its pieces; rows are averaged, so that each still sums to 1. Pieces of no
// word are left out, and with such columns a row sums to less.
std::vector<float> merge_to_words(const std::vector<float>& weights, const AttentionWords& rows,
                                  const AttentionWords& columns);

}  // namespace heed
