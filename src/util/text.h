// UTF-8 text, numbers and names, free of any locale.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace heed {

// SentencePiece's mark of a space, "▁": a piece that begins a word begins with it.
inline constexpr std::string_view kWordMark = "\xE2\x96\x81";
// The byte that a piece such as "<0xE2>" of SentencePiece stands for; nothing for other pieces.
std::optional<char> byte_of_piece(std::string_view piece);

// The bytes [begin, end) of a text.
struct ByteSpan {
  uint32_t begin = 0, end = 0;

  bool operator==(const ByteSpan&) const = default;
};

struct DecodedChar {
  char32_t code_point;  // U+FFFD where the bytes are not valid UTF-8
  int bytes;            // how many bytes it took, at least 1
  bool valid;
};

// The character that starts at text[at]; at < text.size(). Refuses overlong forms and surrogates.
DecodedChar decode_utf8(std::string_view text, size_t at);

void append_utf8(std::string& out, char32_t code_point);

// All code points; invalid bytes become U+FFFD, one each.
std::u32string to_utf32(std::string_view text);
std::string to_utf8(std::u32string_view text);

// Number of characters (code points; an invalid byte counts as one).
size_t utf8_length(std::string_view text);

// True where the text holds invalid UTF-8 or a NUL byte.
bool needs_repair(std::string_view text);
// Invalid bytes and NULs replaced by U+FFFD, one each.
std::string repair_utf8(std::string_view text);

// At most `bytes` bytes, cut between two characters.
std::string_view truncate_utf8(std::string_view text, size_t bytes);

// Fit for a message: control characters, invisible ones and invalid bytes as \xNN, cut to about
// `bytes` with "...".
std::string printable(std::string_view text, size_t bytes = SIZE_MAX);
// What makes `text` no line of text: the first control character but TAB, or byte that is not
// UTF-8, with its place; nothing if all is well.
std::optional<std::string> find_text_fault(std::string_view text);

// Unicode's White_Space property (U+3000, U+2028 and their kin included).
bool is_space(char32_t code_point);
// Space, TAB, line feed, vertical TAB, form feed, carriage return.
bool is_ascii_space(char c);
// C0 and C1 controls and DEL.
bool is_control(char32_t code_point);
// What a reader cannot see: any space but the plain one, soft hyphen, zero-width characters, marks
// that reorder the text, the BOM.
bool is_invisible(char32_t code_point);
// Empty, or white space alone.
bool is_blank(std::string_view text);

// Without ASCII white space at both ends.
std::string_view trim(std::string_view text);

// With small letters in place of A to Z.
std::string lower_ascii(std::string_view text);
void replace_all(std::string& text, std::string_view from, std::string_view to);

// The parts between separators; an empty text gives one empty part.
std::vector<std::string> split(std::string_view text, char separator);
// The parts between runs of ASCII white space; no empty parts.
std::vector<std::string> split_words(std::string_view text);
std::string join(const std::vector<std::string>& parts, std::string_view separator);

// Whole text as a number, "." as the decimal point whatever the locale; no nan, no infinity.
std::optional<int64_t> parse_int(std::string_view text);
std::optional<double> parse_real(std::string_view text);

// The name with the fewest edits of characters (insert, delete, replace, swap of neighbours) from
// `name`, when near enough to be meant; empty otherwise.
std::string nearest_name(std::string_view name, const std::vector<std::string>& names);

// 12345678 -> "12,345,678".
std::string with_commas(int64_t value);

// 3723.4 seconds -> "1h02m", 83 -> "1m23s", 9.3 -> "9.3s".
std::string format_duration(double seconds);

}  // namespace heed
