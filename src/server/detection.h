// Which language a text is in, of those that the models know: by its script, then by its most
// frequent words and letters, and by how well the models' own vocabularies fit it.
#pragma once

#include <string>
#include <vector>

#include "server/catalogue.h"

namespace heed {

struct Detection {
  double confidence;  // 0 to 100; those of a list sum to 100
  std::string language;
};

// All languages of the catalogue, best first; where `target` is one of them, only those that are
// translated to it, if there are any. Of several texts it is the language of all together. A text
// without letters says nothing: every language is as likely.
std::vector<Detection> detect(const Catalogue& catalogue, const std::vector<std::string>& texts,
                              const std::string& target);

}  // namespace heed
