// The words of a text and of its translation, and which of them belong together.
#pragma once

#include <string>
#include <vector>

#include "server/text_translation.h"

namespace heed {

struct WordLinks {
  std::vector<std::string> source, target;
  std::vector<Link> links;  // each target word's to its source word, in the target's order
  // [target words][source words], where wanted: zero between words of different sentences.
  std::vector<std::vector<float>> attention = {};
};

struct LinkOptions {
  size_t rank = 0;
  bool attention = false;  // takes memory quadratic in the text's length
  // Words of a script without spaces, which are whole sentences, as the pieces of their vocabulary;
  // where normalisation leaves the pieces other text than the word's, the word stays whole.
  bool divide_unspaced = false;
};
// Of a translation made with attention. Words are those of the sentences, counted through; a
// sentence that was copied is linked word by word.
WordLinks link_words(const TranslatedText& text, const LinkOptions& options = {});

}  // namespace heed
