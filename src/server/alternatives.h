// Other ways to go on with a translation that somebody has begun.
#pragma once

#include <string>
#include <vector>

#include "server/text_translation.h"

namespace heed {

struct Alternative {
  std::string word;  // the one behind the prefix
  std::string text;  // of the whole, completed by the model
  double score;      // of the sentence with the word
};

struct Alternatives {
  std::vector<Alternative> list;      // best first
  std::vector<std::string> warnings;  // what the caller should know, each once
};

struct AlternativesDemand {
  std::string text;
  std::string prefix;  // the translation up to the word that is to be another
  size_t count;        // at most
};

// At most so many next words, all different, best first, each with the translation that goes on
// from it. Sentences of the prefix that are whole stay as they are. Throws what Call::translate
// throws.
Alternatives find_alternatives(const ServedModel& model, const AlternativesDemand& demand,
                               Call& call);

}  // namespace heed
