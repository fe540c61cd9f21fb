#include "decoding/splitting.h"

#include <unicode/brkiter.h>

#include <algorithm>
#include <array>
#include <memory>
#include <span>

#include "util/error.h"
#include "util/text.h"

namespace heed {
namespace {

constexpr std::array<std::string_view, 6> kPauses = {".", "!", "?", ";", ":", ","};
// "…", and full-width and CJK marks, which no space follows.
constexpr std::array<std::string_view, 9> kWidePauses = {
    "\u2026", "\u3002", "\uFF01", "\uFF1F", "\uFF1B", "\uFF1A", "\uFF0C", "\u3001", "\uFF61"};

bool ends_in(const std::string& piece, std::span<const std::string_view> marks) {
  return std::ranges::any_of(marks, [&](std::string_view mark) { return piece.ends_with(mark); });
}

// Where the part that starts at `start` ends best.
size_t best_cut(const std::vector<std::string>& pieces, size_t start, size_t limit) {
  size_t word = 0;
  for (size_t end = start + limit; end > start + limit / 2; --end) {
    if (ends_in(pieces[end - 1], kWidePauses)) return end;
    // A mark that the next piece goes on from is no pause: "3." in "3.5".
    if (!pieces[end].starts_with(kWordMark)) continue;
    if (ends_in(pieces[end - 1], kPauses)) return end;
    if (word == 0) word = end;
  }
  return word > 0 ? word : start + limit;
}

}  // namespace

std::vector<std::string> split_sentences(std::string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  std::unique_ptr<icu::BreakIterator> breaks(
      icu::BreakIterator::createSentenceInstance(icu::Locale::getRoot(), status));
  if (U_FAILURE(status)) fail("ICU's sentence breaks could not start: {}", u_errorName(status));
  icu::UnicodeString unicode =
      icu::UnicodeString::fromUTF8({text.data(), static_cast<int32_t>(text.size())});
  breaks->setText(unicode);
  std::vector<std::string> sentences;
  for (int32_t start = breaks->first(), end = breaks->next(); end != icu::BreakIterator::DONE;
       start = end, end = breaks->next()) {
    std::string sentence;
    unicode.tempSubStringBetween(start, end).trim().toUTF8String(sentence);
    if (!is_blank(sentence)) sentences.push_back(std::move(sentence));
  }
  return sentences;
}

std::vector<size_t> split_points(const std::vector<std::string>& pieces, size_t limit) {
  std::vector<size_t> points;
  for (size_t start = 0; pieces.size() - start > limit;) {
    start = best_cut(pieces, start, limit);
    points.push_back(start);
  }
  return points;
}

std::vector<std::string> split_bytes(std::string_view text, size_t limit) {
  std::vector<std::string> parts;
  while (text.size() > limit) {
    std::string_view part = truncate_utf8(text, limit);
    size_t space = part.rfind(' ');
    if (space != std::string_view::npos && space > 0) part = part.substr(0, space);
    parts.emplace_back(part);
    text.remove_prefix(part.size());
  }
  if (!text.empty()) parts.emplace_back(text);
  return parts;
}

}  // namespace heed
