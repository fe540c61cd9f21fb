// Scripts that are written without spaces between words: Chinese, Japanese, Thai and their kin.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace heed {

// Whether most letters of a text are of such a script; false without letters.
bool is_unspaced(std::string_view text);

// The tokeniser of BLEU that suits a text: "13a" where spaces part words, also those that a tool
// has put between Chinese ones; "zh" for Chinese; "char" for the others.
std::string tokenizer_for(const std::vector<std::string>& lines);

}  // namespace heed
