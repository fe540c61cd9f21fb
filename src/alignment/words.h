// Which word of a text each of its pieces belongs to: the one definition of "word" for alignments.
//
// The words of a text are what runs of ASCII white space separate in the raw text (split_words of
// util/text.h), counted from 0. The tools that write Pharaoh files count so. A no-break space, an
// ideographic space or a zero-width space is part of a word, although SentencePiece's normalisation
// makes a space of it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "util/text.h"

namespace heed {

// One word per piece, in the order of the pieces. kNoWord stands for a piece of no word, such as
// the end symbol.
using PieceWords = std::vector<int>;
inline constexpr int kNoWord = -1;

int64_t count_words(std::string_view text);

// The word of each piece of a text, from the bytes of the text that each piece stands for. A piece
// belongs to the word of the first visible character of its bytes; without one, to the word of the
// first byte that is no white space, in the piece or behind it; behind the last word, to the last.
// So every piece has a word unless the text has none.
PieceWords words_of_pieces(std::string_view text, std::span<const ByteSpan> pieces);

// The words of a line that is encoded in parts, such as its sentences: parts of its text in order,
// each with the bytes of its pieces. Words are those of the whole line, so that a word that two
// parts share has pieces in both.
struct TextPart {
  std::string_view text;
  std::span<const ByteSpan> pieces;
};
std::vector<PieceWords> words_of_parts(std::string_view line, std::span<const TextPart> parts);

// The words of other pieces of the same text: each takes the word of the piece that holds its first
// visible character. `spans` and `words` are of the pieces whose words are known; they may be words
// of another text, such as the raw form of `text`. Without such pieces every word is kNoWord.
PieceWords carry_words(std::string_view text, std::span<const ByteSpan> spans,
                       std::span<const int> words, std::span<const ByteSpan> others);

}  // namespace heed
