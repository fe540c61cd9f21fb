// Tags that tell a model which direction to translate in: pieces put before a source text.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/config.h"
#include "tokenizer/tokenizer.h"

namespace heed {

// Warns of a data.dev_tag that no training file has: validation goes by a piece never trained then.
void warn_of_dev_tag(const DataConfig& config);
// All of data.tags and data.dev_tag, each once.
std::vector<std::string> tags_of(const DataConfig& config);

// The pieces that stand before those of a text: encode("TAG text") is encode_tag("TAG") and then
// encode("text"). None for an empty tag. Throws UsageError naming `where`, and what became of the
// tag, where the vocabulary does not have it as one piece.
std::vector<int32_t> encode_tag(const Tokenizer& tokenizer, const std::string& tag,
                                const std::string& where);

}  // namespace heed
