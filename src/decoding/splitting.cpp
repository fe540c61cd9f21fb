#include "decoding/splitting.h"

#include <unicode/brkiter.h>
#include <unicode/uchar.h>
#include <unicode/udata.h>
#include <unicode/ures.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <set>
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

// The abbreviations that ICU lists for a language. Its own filter would find them at the end of any
// word: "s." in "Haus.".
std::set<std::string> abbreviations_of(const std::string& language) {
  UErrorCode status = U_ZERO_ERROR;
  using Resource = std::unique_ptr<UResourceBundle, decltype(&ures_close)>;
  constexpr const char* kBreaks = U_ICUDATA_NAME U_TREE_SEPARATOR_STRING "brkitr";
  Resource breaks(ures_open(kBreaks, language.c_str(), &status), ures_close);
  Resource list(ures_getByKey(breaks.get(), "exceptions", nullptr, &status), ures_close);
  ures_getByKey(list.get(), "SentenceBreak", list.get(), &status);
  std::set<std::string> found;
  for (int32_t i = 0; U_SUCCESS(status) && i < ures_getSize(list.get()); ++i) {
    int32_t length = 0;
    const UChar* text = ures_getStringByIndex(list.get(), i, &length, &status);
    if (U_FAILURE(status)) break;
    std::string abbreviation;
    icu::UnicodeString(text, length).toUTF8String(abbreviation);
    found.insert(std::move(abbreviation));
  }
  return found;
}

// The text of a sentence, `gap` and the white space before it in front. Leaves in `gap` what is
// behind it.
LinePart without_space_around(std::string_view sentence, std::string& gap) {
  size_t begin = 0, end = 0;  // of what is not white space
  for (size_t at = 0; at < sentence.size();) {
    DecodedChar c = decode_utf8(sentence, at);
    bool space = is_space(c.code_point);
    if (space && end == 0) begin = at + c.bytes;
    at += c.bytes;
    if (!space) end = at;
  }
  if (end == 0) {
    gap += sentence;
    return {};
  }
  LinePart part{gap + std::string(sentence.substr(0, begin)),
                std::string(sentence.substr(begin, end - begin))};
  gap = sentence.substr(end);
  return part;
}

// The abbreviations of a language; of no language in particular, those that are no word of another
// one: with a capital, or a period inside.
const std::set<std::string>& abbreviations(const std::string& language) {
  static const auto all = [] {
    std::map<std::string, std::set<std::string>> lists;
    for (const std::string& known : sentence_languages()) {
      lists[known] = abbreviations_of(known);
      for (const std::string& one : lists[known]) {
        bool capital = u_isupper(static_cast<UChar32>(decode_utf8(one, 0).code_point)) != 0;
        if (capital || one.find('.') + 1 < one.size()) lists[""].insert(one);
      }
    }
    return lists;
  }();
  return all.at(language);
}

// Whether a sentence's last period may be that of an abbreviation, an initial, a letter of "z. B."
// or a German ordinal number ("am 3. Mai").
bool ends_in_abbreviation(std::string_view sentence, const std::string& language) {
  if (!sentence.ends_with('.')) return false;
  std::string last;  // words, from the last on
  for (int words = 0; words < 3 && !sentence.empty(); ++words) {
    size_t space = sentence.rfind(' ');
    std::string_view word = sentence.substr(space == std::string_view::npos ? 0 : space + 1);
    sentence.remove_suffix(std::min(sentence.size(), word.size() + 1));
    size_t opening = word.find_first_not_of("([{\"'");
    if (opening == std::string_view::npos) return false;
    word.remove_prefix(opening);
    last = last.empty() ? std::string(word) : std::string(word) + " " + last;
    if (abbreviations(language).contains(last)) return true;
    if (words > 0) continue;
    std::string_view stem = word.substr(0, word.size() - 1);
    bool letter = utf8_length(stem) == 1 &&
                  u_isalpha(static_cast<UChar32>(decode_utf8(stem, 0).code_point)) != 0;
    auto number = parse_int(stem);
    bool ordinal = (language.empty() || language == "de") && number && *number > 0 && *number < 32;
    if (letter || ordinal) return true;
  }
  return false;
}

}  // namespace

const std::vector<std::string>& sentence_languages() {
  static const std::vector<std::string> languages = {"de", "en", "es", "fr", "it", "pt", "ru"};
  return languages;
}

std::vector<LinePart> split_sentences(std::string_view text, const std::string& language) {
  UErrorCode status = U_ZERO_ERROR;
  icu::Locale locale = language.empty() ? icu::Locale::getRoot() : icu::Locale(language.c_str());
  std::unique_ptr<icu::BreakIterator> breaks(
      icu::BreakIterator::createSentenceInstance(locale, status));
  if (U_FAILURE(status)) fail("ICU's sentence breaks could not start: {}", u_errorName(status));
  icu::UnicodeString unicode =
      icu::UnicodeString::fromUTF8({text.data(), static_cast<int32_t>(text.size())});
  breaks->setText(unicode);
  std::vector<LinePart> sentences;
  std::string gap;
  bool goes_on = false;  // the last one, which ended in an abbreviation
  for (int32_t start = breaks->first(), end = breaks->next(); end != icu::BreakIterator::DONE;
       start = end, end = breaks->next()) {
    std::string sentence;
    unicode.tempSubStringBetween(start, end).toUTF8String(sentence);
    LinePart part = without_space_around(sentence, gap);
    if (part.text.empty()) continue;
    bool abbreviated = ends_in_abbreviation(part.text, language);
    if (goes_on) {
      sentences.back().text += part.gap + part.text;
    } else {
      sentences.push_back(std::move(part));
    }
    goes_on = abbreviated;
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
