// By what a language is known: its scripts, its most frequent words, the letters it has beside the
// plain ones, sequences of letters that are typical of it.
#pragma once

#include <span>
#include <string_view>

namespace heed {

struct LanguageSigns {
  std::string_view code;
  std::string_view scripts;    // ISO 15924's codes, separated by spaces
  std::string_view words;      // separated by spaces, lower case
  std::string_view letters;    // lower case, beside a to z; of other scripts those that few share
  std::string_view sequences;  // separated by spaces
};

// Languages that are not in it are taken to be in Latin script.
std::span<const LanguageSigns> language_signs();

}  // namespace heed
