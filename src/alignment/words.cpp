#include "alignment/words.h"

#include <algorithm>
#include <ranges>
#include <utility>

namespace heed {
namespace {

// A character that normalisation neither removes nor turns into a space.
bool is_visible(char32_t c) {
  constexpr char32_t kMark = 0x2581, kReplacement = 0xFFFD;  // SentencePiece makes spaces of these
  return c != ' ' && c != kMark && c != kReplacement && !is_control(c) && !is_invisible(c);
}

// The byte of the text that decides where a piece belongs; the text's size behind its last word.
size_t anchor(std::string_view text, ByteSpan span) {
  size_t end = std::min<size_t>(span.end, text.size());
  for (size_t at = span.begin; at < end;) {
    DecodedChar c = decode_utf8(text, at);
    if (is_visible(c.code_point)) return at;
    at += c.bytes;
  }
  size_t at = span.begin;
  while (at < text.size() && is_ascii_space(text[at])) ++at;
  return std::min(at, text.size());
}

// The first byte of each word.
std::vector<size_t> word_starts(std::string_view text) {
  std::vector<size_t> starts;
  for (size_t at = 0; at < text.size(); ++at) {
    bool opens = at == 0 || is_ascii_space(text[at - 1]);
    if (opens && !is_ascii_space(text[at])) starts.push_back(at);
  }
  return starts;
}

// How many of the sorted places are at or before `byte`.
int count_until(const std::vector<size_t>& places, size_t byte) {
  return static_cast<int>(std::ranges::upper_bound(places, byte) - places.begin());
}

}  // namespace

int64_t count_words(std::string_view text) { return std::ssize(word_starts(text)); }

PieceWords words_of_pieces(std::string_view text, std::span<const ByteSpan> pieces) {
  std::vector<size_t> starts = word_starts(text);
  PieceWords words;
  words.reserve(pieces.size());
  for (ByteSpan piece : pieces) {
    words.push_back(starts.empty() ? kNoWord : count_until(starts, anchor(text, piece)) - 1);
  }
  return words;
}

std::vector<PieceWords> words_of_parts(std::string_view line, std::span<const TextPart> parts) {
  std::vector<ByteSpan> spans;  // in the line
  size_t end = 0;               // of the last part
  for (const TextPart& part : parts) {
    size_t begin = line.find(part.text, end);
    if (begin == std::string_view::npos) begin = end;  // bytes that are no text were replaced
    auto shift = static_cast<uint32_t>(begin);
    for (ByteSpan piece : part.pieces) spans.push_back({piece.begin + shift, piece.end + shift});
    end = std::min(begin + part.text.size(), line.size());
  }
  PieceWords words = words_of_pieces(line, spans);
  std::vector<PieceWords> of_parts;
  auto next = words.begin();
  for (const TextPart& part : parts) {
    auto first = std::exchange(next, next + std::ssize(part.pieces));
    of_parts.emplace_back(first, next);
  }
  return of_parts;
}

PieceWords carry_words(std::string_view text, std::span<const ByteSpan> spans,
                       std::span<const int> words, std::span<const ByteSpan> others) {
  std::vector<size_t> starts;
  for (ByteSpan span : spans) starts.push_back(span.begin);
  PieceWords carried;
  carried.reserve(others.size());
  for (ByteSpan other : others) {
    int piece = std::max(count_until(starts, anchor(text, other)) - 1, 0);
    carried.push_back(words.empty() ? kNoWord : words[piece]);
  }
  return carried;
}

}  // namespace heed
