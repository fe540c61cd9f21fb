#include "report/attention_words.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "util/text.h"

namespace heed {
namespace {

bool is_control_piece(std::string_view piece) {
  return piece == "</s>" || piece == "<s>" || piece == "<pad>";
}

struct CodeRange {
  char32_t first, last;
};

template <size_t N>
bool in_ranges(char32_t c, const std::array<CodeRange, N>& ranges) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [c](CodeRange range) { return c >= range.first && c <= range.last; });
}

// Scripts written without spaces between words.
bool starts_unspaced(std::string_view piece) {
  static constexpr std::array<CodeRange, 9> kRanges{{{0x0E00, 0x0EFF},      // Thai, Lao
                                                     {0x1000, 0x109F},      // Burmese
                                                     {0x1780, 0x17FF},      // Khmer
                                                     {0x3040, 0x30FF},      // kana
                                                     {0x31F0, 0x31FF},      // kana
                                                     {0x3400, 0x4DBF},      // Han
                                                     {0x4E00, 0x9FFF},      // Han
                                                     {0xF900, 0xFAFF},      // Han
                                                     {0x20000, 0x3FFFF}}};  // Han
  return !piece.empty() && in_ranges(decode_utf8(piece, 0).code_point, kRanges);
}

std::string surface(std::string_view piece) {
  if (auto byte = byte_of_piece(piece)) return std::string(1, *byte);
  std::string text;
  bool at_start = true;
  while (!piece.empty()) {
    if (piece.starts_with(kWordMark)) {
      if (!at_start) text += ' ';
      piece.remove_prefix(kWordMark.size());
    } else {
      text += piece.front();
      piece.remove_prefix(1);
    }
    at_start = false;
  }
  return text;
}

bool is_punctuation(char32_t c) {
  if (c < 0x80) return c > 0x20 && std::ispunct(static_cast<int>(c));
  // Latin-1, Armenian, Arabic, danda, dashes and quotes, CJK, full width.
  static constexpr std::array<CodeRange, 13> kRanges{{{0x00A1, 0x00A7},
                                                      {0x00AB, 0x00AB},
                                                      {0x00B6, 0x00B7},
                                                      {0x00BB, 0x00BB},
                                                      {0x00BF, 0x00BF},
                                                      {0x0589, 0x058A},
                                                      {0x060C, 0x061F},
                                                      {0x06D4, 0x06D4},
                                                      {0x0964, 0x0965},
                                                      {0x2010, 0x205E},
                                                      {0x3001, 0x3011},
                                                      {0xFF01, 0xFF0F},
                                                      {0xFF1A, 0xFF20}}};
  return in_ranges(c, kRanges);
}

// Without a letter or digit: punctuation, or a lone word mark.
bool is_bare(std::string_view piece) {
  std::u32string text = to_utf32(surface(piece));
  return !byte_of_piece(piece) && std::all_of(text.begin(), text.end(), is_punctuation);
}

// Whether a space stands before the piece, or a control piece on either side.
bool opens_chunk(const std::vector<std::string>& pieces, size_t at) {
  return pieces[at].starts_with(kWordMark) || is_control_piece(pieces[at]) ||
         is_control_piece(pieces[at - 1]);
}

// Where words open among the pieces between two spaces.
std::vector<size_t> openings_in_chunk(const std::vector<std::string>& pieces, size_t begin,
                                      size_t end) {
  std::vector<size_t> openings{begin};
  auto open = [&](size_t at) {  // a lone word mark is no word: it belongs to what follows
    bool empty = true;
    for (size_t i = openings.back(); i < at; ++i) empty = empty && surface(pieces[i]).empty();
    if (!empty) openings.push_back(at);
  };
  size_t core = begin, tail = end;
  while (core < end && is_bare(pieces[core])) ++core;
  while (tail > core && is_bare(pieces[tail - 1])) --tail;
  for (size_t at = core; at < tail; ++at) {
    if (at == core || starts_unspaced(pieces[at])) open(at);
  }
  if (core < tail && tail < end) open(tail);
  return openings;
}

}  // namespace

AttentionWords join_pieces(const std::vector<std::string>& pieces) {
  AttentionWords words;
  for (size_t begin = 0; begin < pieces.size();) {
    size_t end = begin + 1;
    while (end < pieces.size() && !opens_chunk(pieces, end)) ++end;
    std::vector<size_t> openings = openings_in_chunk(pieces, begin, end);
    for (size_t at = begin; at < end; ++at) {
      if (std::find(openings.begin(), openings.end(), at) != openings.end()) {
        words.texts.emplace_back();
      }
      words.texts.back() += surface(pieces[at]);
      words.word_of_piece.push_back(static_cast<int>(words.texts.size()) - 1);
    }
    begin = end;
  }
  for (std::string& text : words.texts) {
    text = text.empty() ? std::string(kWordMark) : repair_utf8(text);
  }
  return words;
}

}  // namespace heed
