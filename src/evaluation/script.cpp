#include "evaluation/script.h"

#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include <algorithm>
#include <cstdint>

#include "util/text.h"

namespace heed {
namespace {

struct LetterCounts {
  int64_t letters = 0, spaces = 0;
  int64_t unspaced = 0, han = 0, kana = 0;  // of the letters

  void add(std::string_view text) {
    for (size_t at = 0; at < text.size();) {
      DecodedChar c = decode_utf8(text, at);
      at += c.bytes;
      if (is_space(c.code_point)) ++spaces;
      if (u_isalpha(static_cast<UChar32>(c.code_point)) != 0) add_letter(c.code_point);
    }
  }
  bool mostly_unspaced() const { return 2 * unspaced > letters; }

 private:
  void add_letter(char32_t letter) {
    constexpr UScriptCode kUnspaced[] = {
        USCRIPT_HAN,      USCRIPT_HIRAGANA,    USCRIPT_KATAKANA, USCRIPT_BOPOMOFO,
        USCRIPT_YI,       USCRIPT_THAI,        USCRIPT_LAO,      USCRIPT_KHMER,
        USCRIPT_MYANMAR,  USCRIPT_TIBETAN,     USCRIPT_TAI_LE,   USCRIPT_LANNA,
        USCRIPT_TAI_VIET, USCRIPT_NEW_TAI_LUE, USCRIPT_JAVANESE, USCRIPT_BALINESE};
    ++letters;
    UErrorCode status = U_ZERO_ERROR;
    UScriptCode script = uscript_getScript(static_cast<UChar32>(letter), &status);
    if (std::ranges::find(kUnspaced, script) == std::end(kUnspaced)) return;
    ++unspaced;
    if (script == USCRIPT_HAN) ++han;
    if (script == USCRIPT_HIRAGANA || script == USCRIPT_KATAKANA) ++kana;
  }
};

}  // namespace

bool is_unspaced(std::string_view text) {
  LetterCounts counts;
  counts.add(text);
  return counts.mostly_unspaced();
}

std::string tokenizer_for(const std::vector<std::string>& lines) {
  constexpr int64_t kLongWord = 6;   // more letters than words of these scripts have on average
  constexpr int64_t kMuchKana = 20;  // one letter in so many: Japanese, and no quotation in Chinese
  constexpr size_t kLooked = 1000;   // lines that tell enough of a long text
  LetterCounts counts;
  size_t step = lines.size() / kLooked + 1;
  for (size_t i = 0; i < lines.size(); i += step) counts.add(lines[i]);
  if (!counts.mostly_unspaced() || kLongWord * counts.spaces > counts.letters) return "13a";
  bool chinese = 2 * counts.han > counts.unspaced && kMuchKana * counts.kana < counts.unspaced;
  return chinese ? "zh" : "char";
}

}  // namespace heed
