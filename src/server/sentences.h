// A text as the sentences in it and what stands between them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace heed {

struct Sentence {
  std::string text;   // without white space around it
  std::string after;  // the white space behind it, line feeds included
};

struct SentenceText {
  std::string before;  // white space in front of the first sentence
  std::vector<Sentence> sentences;
};

// Every byte of the text is in the result, in order. A line feed ends a sentence. Bytes that are no
// UTF-8 must have been repaired.
SentenceText divide(std::string_view text);

// The text with each sentence's translation in its place, as far as there are translations. Between
// sentences that touch each other, as those of Chinese do, a space is put unless `target` is
// written without.
std::string put_together(const SentenceText& text, const std::vector<std::string>& translations,
                         std::string_view target);

// Whether there is nothing to translate: emoji and white space alone.
bool is_only_emoji(std::string_view text);

// Whether the text ends in a mark that ends a sentence, closing quotes and brackets behind it
// aside.
bool ends_sentence(std::string_view text);

}  // namespace heed
