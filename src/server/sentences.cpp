#include "server/sentences.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <array>

#include "decoding/splitting.h"
#include "server/languages.h"
#include "util/text.h"

namespace heed {
namespace {

bool written_without_spaces(std::string_view language) {
  std::string code = normal_code(language);
  std::string main = code.substr(0, code.find('-'));
  constexpr auto kCodes =
      std::to_array<std::string_view>({"zh", "ja", "th", "lo", "km", "my", "bo"});
  return std::ranges::count(kCodes, main) > 0;
}

// Moves the white space at the front of `text` to the end of `to`.
void move_space(std::string_view& text, std::string& to) {
  while (!text.empty()) {
    DecodedChar c = decode_utf8(text, 0);
    if (!is_space(c.code_point)) return;
    to += text.substr(0, static_cast<size_t>(c.bytes));
    text.remove_prefix(static_cast<size_t>(c.bytes));
  }
}

void divide_line(std::string_view line, SentenceText& divided) {
  auto space = [&]() -> std::string& {
    return divided.sentences.empty() ? divided.before : divided.sentences.back().after;
  };
  for (const auto& [gap, sentence] : split_sentences(line)) {
    move_space(line, space());
    // What the splitter has left out is kept, whatever it was.
    size_t at = line.find(sentence);
    if (at == std::string_view::npos) break;
    divided.sentences.push_back({std::string(line.substr(0, at + sentence.size())), ""});
    line.remove_prefix(at + sentence.size());
  }
  move_space(line, space());
  if (!line.empty()) divided.sentences.push_back({std::string(line), ""});
}

bool is_emoji(char32_t c) {
  auto point = static_cast<UChar32>(c);
  bool joiner = c == 0x200D || c == 0xFE0F || c == 0x20E3 || (c >= 0xE0020 && c <= 0xE007F);
  return joiner || u_hasBinaryProperty(point, UCHAR_EXTENDED_PICTOGRAPHIC) ||
         u_hasBinaryProperty(point, UCHAR_EMOJI_MODIFIER) ||
         u_hasBinaryProperty(point, UCHAR_REGIONAL_INDICATOR);
}

}  // namespace

SentenceText divide(std::string_view text) {
  SentenceText divided;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    divide_line(line, divided);
    text.remove_prefix(line.size());
    if (text.empty()) break;
    (divided.sentences.empty() ? divided.before : divided.sentences.back().after) += '\n';
    text.remove_prefix(1);
  }
  return divided;
}

std::string put_together(const SentenceText& text, const std::vector<std::string>& translations,
                         std::string_view target) {
  std::string whole = text.before;
  bool spaces = !written_without_spaces(target);
  for (size_t i = 0; i < translations.size(); ++i) {
    whole += translations[i];
    const std::string& after = text.sentences[i].after;
    whole += after.empty() && spaces && i + 1 < translations.size() ? " " : after;
  }
  return whole;
}

bool is_only_emoji(std::string_view text) {
  return std::ranges::all_of(to_utf32(text), [](char32_t c) { return is_space(c) || is_emoji(c); });
}

bool ends_sentence(std::string_view text) {
  constexpr std::u32string_view kMarks = U".!?\u2026\u3002\uFF01\uFF1F\u061F\u0964";
  constexpr std::u32string_view kClosing = U"\"')]}\u00BB\u201C\u201D\u2019\u300D\u300F\uFF09";
  std::u32string points = to_utf32(text);
  while (!points.empty() &&
         (is_space(points.back()) || kClosing.find(points.back()) != kClosing.npos)) {
    points.pop_back();
  }
  return !points.empty() && kMarks.find(points.back()) != std::u32string_view::npos;
}

}  // namespace heed
