#include "evaluation/western_tokens.h"

#include <array>
#include <utility>

#include "util/text.h"

namespace heed {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool not_digit(char c) { return !is_digit(c); }
bool is_point(char c) { return c == '.' || c == ','; }
bool is_dash(char c) { return c == '-'; }

// ASCII's punctuation without ' , - and .
constexpr bool is_spaced_punctuation(char c) {
  return (c >= '!' && c <= '&') || (c >= '(' && c <= '+') || c == '/' || (c >= ':' && c <= '@') ||
         (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
}

}  // namespace

void unescape_entities(std::string& text) {
  replace_all(text, "&quot;", "\"");
  replace_all(text, "&amp;", "&");
  replace_all(text, "&lt;", "<");
  replace_all(text, "&gt;", ">");
}

void space_ascii_punctuation(std::string_view text, std::string& out) {
  static constexpr auto kSpaced = [] {
    std::array<bool, 256> table{};
    for (int c = 0x21; c < 0x7F; ++c) table[c] = is_spaced_punctuation(static_cast<char>(c));
    return table;
  }();
  out.clear();
  size_t copied = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (!kSpaced[static_cast<unsigned char>(text[i])]) continue;
    out.append(text, copied, i - copied).append({' ', text[i], ' '});
    copied = i + 1;
  }
  out.append(text, copied);
}

void space_number_marks(std::string& text, std::string& scratch) {
  space_pairs<Side::kSecond>(text, scratch, not_digit, is_point);
  space_pairs<Side::kFirst>(scratch, text, is_point, not_digit);
  space_pairs<Side::kSecond>(text, scratch, is_digit, is_dash);
  std::swap(text, scratch);
}

void space_western_tokens(std::string_view text, std::string& out) {
  std::string scratch;
  space_ascii_punctuation(text, out);
  space_number_marks(out, scratch);
}

}  // namespace heed
