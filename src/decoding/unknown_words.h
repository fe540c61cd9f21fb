// Unknown pieces of a translation replaced by what the model looked at (Luong et al. 2015,
// "Addressing the Rare Word Problem", 3.3; Jean et al. 2015, 3.3).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "decoding/translation.h"

namespace heed {

// Source words and their translations. Lines `word TAB translation`; the first of a word counts.
using Dictionary = std::map<std::string, std::string>;
// Throws Error with file and line where there is no TAB.
Dictionary read_dictionary(const std::string& path);

// The translation's pieces, each one equal to `unknown` replaced: the source piece with the most
// attention gives its own text where it is unknown too, else the word that it is part of; the
// dictionary's translation of that text stands in its place where there is one. `source`: the
// source's pieces as written in the line, without end symbol. The end symbol is left out.
std::vector<std::string> replace_unknown(const Translation& translation, const std::string& unknown,
                                         const std::vector<std::string>& source,
                                         const Dictionary& dictionary);

}  // namespace heed
