#include "evaluation/tokenizers.h"

#include <unicode/uchar.h>

#include <array>
#include <iterator>
#include <utility>

#include "evaluation/segment_text.h"
#include "evaluation/western_tokens.h"
#include "util/error.h"
#include "util/text.h"

namespace heed {
namespace {

void tokenize_none(std::string_view line, std::string& spaced) { spaced.assign(line); }

void tokenize_13a(std::string_view line, std::string& spaced) {
  std::string text;
  text.reserve(line.size() + 2);
  text.append(" ").append(line).append(" ");
  replace_all(text, "<skipped>", "");
  replace_all(text, "-\n", "");
  replace_all(text, "\n", " ");
  // In this order: "&amp;lt;" becomes "<".
  if (text.find('&') != std::string::npos) unescape_entities(text);
  space_western_tokens(text, spaced);
}

void tokenize_char(std::string_view line, std::string& spaced) {
  spaced.clear();
  for (size_t at = 0; at < line.size();) {
    int bytes = decode_utf8(line, at).bytes;
    spaced.append(line, at, bytes).append(" ");
    at += bytes;
  }
}

struct CodePointRange {
  char32_t first, last;
};

// What sacreBLEU's zh tokeniser takes for Chinese. U+2001 to U+2A6D (quotes, dashes, arrows,
// mathematics) are in because it writes Extension B's bounds with four hexadecimal digits and
// compares strings; Extension B itself is out. Scores depend on it, so it is kept.
constexpr CodePointRange kChinese[] = {
    {0x2001, 0x2A6D}, {0x2E80, 0x2EFF}, {0x2F00, 0x2FDF}, {0x2FF0, 0x303F},
    {0x3100, 0x312F}, {0x31A0, 0x31BF}, {0x31C0, 0x31EF}, {0x3200, 0x33FF},
    {0x3400, 0x4DB5}, {0x4E00, 0x9FBB}, {0xF900, 0xFA2D}, {0xFA30, 0xFA6A},
    {0xFA70, 0xFAD9}, {0xFE10, 0xFE1F}, {0xFE30, 0xFE4F}, {0xFF00, 0xFFEF},
};

bool is_chinese(char32_t c) {
  if (c < kChinese[0].first) return false;
  for (CodePointRange range : kChinese) {
    if (c >= range.first && c <= range.last) return true;
  }
  return false;
}

void tokenize_zh(std::string_view line, std::string& spaced) {
  line = strip_both(line);
  std::string text;
  for (size_t at = 0; at < line.size();) {
    DecodedChar c = decode_utf8(line, at);
    bool chinese = is_chinese(c.code_point);
    if (chinese) text += ' ';
    text.append(line, at, c.bytes);
    if (chinese) text += ' ';
    at += c.bytes;
  }
  space_western_tokens(text, spaced);
}

enum : uint8_t { kNumber = 1, kPunctuation = 2, kSymbol = 4 };

uint8_t look_up_class(char32_t c) {
  uint32_t mask = U_GET_GC_MASK(static_cast<UChar32>(c));
  if (mask & U_GC_N_MASK) return kNumber;
  if (mask & U_GC_P_MASK) return kPunctuation;
  return mask & U_GC_S_MASK ? kSymbol : 0;
}

uint8_t character_class(char32_t c) {
  static const std::array<uint8_t, 256> latin = [] {
    std::array<uint8_t, 256> classes;
    for (char32_t i = 0; i < classes.size(); ++i) classes[i] = look_up_class(i);
    return classes;
  }();
  return c < latin.size() ? latin[c] : look_up_class(c);
}

// Punctuation apart unless a digit is on both sides, symbols always. A full stop after a last
// digit stays with it, as in mteval-v14.
void tokenize_intl(std::string_view line, std::string& spaced) {
  auto number = [](char32_t c) { return character_class(c) == kNumber; };
  auto punctuation = [](char32_t c) { return character_class(c) == kPunctuation; };
  auto not_number = [&](char32_t c) { return !number(c); };
  std::u32string text = to_utf32(line), next;
  space_pairs<Side::kSecond>(text, next, not_number, punctuation);
  space_pairs<Side::kFirst>(next, text, punctuation, not_number);
  spaced.clear();
  for (char32_t c : text) {
    bool symbol = character_class(c) == kSymbol;
    if (symbol) spaced += ' ';
    append_utf8(spaced, c);
    if (symbol) spaced += ' ';
  }
}

struct NamedTokenizer {
  const char* name;
  void (*function)(std::string_view, std::string&);
};

constexpr NamedTokenizer kTokenizers[] = {{"13a", tokenize_13a},
                                          {"intl", tokenize_intl},
                                          {"char", tokenize_char},
                                          {"zh", tokenize_zh},
                                          {"none", tokenize_none}};

}  // namespace

const std::vector<std::string>& tokenizer_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> out;
    for (const NamedTokenizer& row : kTokenizers) out.emplace_back(row.name);
    return out;
  }();
  return names;
}

bool parts_at_spaces(const std::string& name) {
  return name == "13a" || name == "intl" || name == "none";
}

SegmentTokenizer make_tokenizer(const std::string& name) {
  for (const NamedTokenizer& row : kTokenizers) {
    if (name == row.name) return row.function;
  }
  std::string near = nearest_name(name, tokenizer_names());
  fail_usage("tokenize = {}: unknown tokeniser{}; choose one of {}", name,
             near.empty() ? "" : fmt::format(" (did you mean {}?)", near),
             join(tokenizer_names(), ", "));
}

SegmentTokenizer make_piece_tokenizer(PieceEncoder encode) {
  return [encode = std::move(encode)](std::string_view line, std::string& spaced) {
    spaced = join(encode(line), " ");
  };
}

}  // namespace heed
