// What SentencePiece takes on trust in a model's bytes, looked at first.
#pragma once

#include <string>
#include <string_view>

namespace heed {

// SentencePiece follows the tables of a model's normaliser wherever they point, beyond their end
// too (before version 0.2.1). Throws Error, which begins with `name`, where the bytes are no
// SentencePiece model, a table points outside or round in a circle, or a text in it is not UTF-8.
void check_sentencepiece_model(std::string_view bytes, const std::string& name);

}  // namespace heed
