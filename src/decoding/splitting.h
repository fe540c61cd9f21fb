// Long inputs in parts: the sentences of a paragraph, and pieces beyond what a model takes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace heed {

// A part of a line, and what the line has between it and the part before.
struct LinePart {
  std::string gap, text;

  bool operator==(const LinePart&) const = default;
};

// The languages whose abbreviations are known: "de", "en" and so on.
const std::vector<std::string>& sentence_languages();

// The sentences of a text by Unicode's rules (UAX 29, ICU's break iterator), each without white
// space around it; none of a blank text. An abbreviation of the language (ICU's lists), a single
// letter and a German ordinal number end no sentence; those of all languages where none is given.
// Bytes that are no UTF-8 must be repaired before.
std::vector<LinePart> split_sentences(std::string_view text, const std::string& language = "");

// Where to cut a line of pieces so that no part has more than `limit`: the first piece of each part
// but the first. A part ends, in this order of preference, behind a piece that ends in . ! ? ; : or
// , (or a full-width or CJK one of these), or before a piece that starts a word, in its second
// half; else at the limit.
std::vector<size_t> split_points(const std::vector<std::string>& pieces, size_t limit);

// The text in parts of at most so many bytes, cut at the last space in each or, where there is
// none, between two characters.
std::vector<std::string> split_bytes(std::string_view text, size_t limit);

}  // namespace heed
