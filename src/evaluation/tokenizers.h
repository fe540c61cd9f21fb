// BLEU's tokenisers, equal to sacreBLEU's: a line in, the same words with white space between out.
// "intl" and lowercasing go by ICU's Unicode version; a character younger than that (ICU 72:
// Unicode 15.0) belongs to no class, while sacreBLEU goes by the versions of Python and its regex
// package.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace heed {

// Overwrites `spaced` with the line's tokens between white space (any amount, ends included).
using SegmentTokenizer = std::function<void(std::string_view line, std::string& spaced)>;

// A subword model's pieces of a line, e.g. SentencePiece's.
using PieceEncoder = std::function<std::vector<std::string>(std::string_view line)>;

// "13a" (mteval-v13a, WMT's), "intl" (mteval-v14's international one), "char", "zh", "none".
const std::vector<std::string>& tokenizer_names();

// Whether it leaves a Chinese sentence whole: "13a", "intl" and "none".
bool parts_at_spaces(const std::string& name);

// Throws UsageError for a name that is none of these.
SegmentTokenizer make_tokenizer(const std::string& name);
// The pieces as tokens, as sacreBLEU's flores200 and its kin do with their models.
SegmentTokenizer make_piece_tokenizer(PieceEncoder encode);

}  // namespace heed
