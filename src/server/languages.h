// Language codes and their names.
#pragma once

#include <string>
#include <string_view>

namespace heed {

// "de" -> "German"; a code that is not known is its own name. Subtags are kept: "pt-BR" ->
// "Portuguese (BR)".
std::string language_name(std::string_view code);

// Whether ISO 639 gives the code, or its part before "-" or "_", to a language.
bool is_language_code(std::string_view code);

// As codes are compared: lower case, "_" as "-".
std::string normal_code(std::string_view code);

// What the name of a file with both sides says of its languages, as in train.en-de.tsv.gz; both
// empty where no part of it between dots is two languages' codes.
struct LanguagePair {
  std::string source, target;
};
LanguagePair languages_of_file(std::string_view path);

// What the name of a parallel file says of its language, as in train.de or train.de.gz; empty where
// it ends in no language's code.
std::string language_of_file(std::string_view path);

}  // namespace heed
