// Texts whose words normalisation changes, and what their words are.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "alignment/words.h"

namespace heed {

// Each has letters "a" to "z", which normalisation leaves as they are. No line of a file changes as
// it is read.
inline const std::array<std::string, 18> kHostileTexts = {
    "das ´haus´ ist ´ da",                     // becomes a space and a combining accent
    "ein\u00A0wort und \u00A0 noch eins",      // no-break space
    "ein\u200Bwort und \u200B noch eins",      // zero-width space
    "zwei  spaces   sind  da",                 //
    "  vorne und hinten  ",                    //
    "ein \u2581 strich\u2581 und \u2581wort",  // SentencePiece's own mark
    "\u3000das\u3000wort \u3000 ist da",       // ideographic space
    "½ haus a½b ⅓ da",                         // three characters of one
    "das ﷺ wort",                              // four words of one
    "\U0001F468\u200D\U0001F469\u200D\U0001F467 das \U0001F3F3\uFE0F\u200D\U0001F308 haus",
    "das \U0001F44D\U0001F3FD\U0001F44D haus \u200D da",    // skin tone, lone joiner
    "\u05E9\u05DC\u05D5\u05DD das \u05E2\u05D5\u05DC haus"  // Hebrew
    "\u200F da",
    "das \u0645\u0631\u062D\u0628\u0627 \u200F\u0628\u0627\u0644 haus",  // Arabic, right-to-left
                                                                         // mark
    "日本語 das のテキスト。haus da",                                    //
    "das E\u0301 \u0301 haus",                                           // lone accent
    "das \u00AD ha\u00ADus",                                             // soft hyphen
    "das\t\tist \uFEFF haus",                                            //
    "das \uFFFD haus \u2028 da",
};

inline bool is_plain_letter(char c) { return c >= 'a' && c <= 'z'; }

// The word of each plain letter of a text, worked out apart from the code that is tested.
inline std::vector<int> words_of_letters(std::string_view text) {
  std::vector<int> words;
  std::vector<std::string> parts = split_words(text);
  for (size_t i = 0; i < parts.size(); ++i) {
    for (char c : parts[i]) {
      if (is_plain_letter(c)) words.push_back(static_cast<int>(i));
    }
  }
  return words;
}

// The word of each plain letter by the words of the pieces that hold the letters. Pieces over
// several words give the word of the first.
inline std::vector<int> words_of_letters(const std::vector<std::string>& pieces,
                                         const PieceWords& words) {
  std::vector<int> found;
  for (size_t i = 0; i < words.size(); ++i) {
    for (char c : words[i] == kNoWord || pieces[i] == "<unk>" ? "" : pieces[i]) {
      if (is_plain_letter(c)) found.push_back(words[i]);
    }
  }
  return found;
}

}  // namespace heed
