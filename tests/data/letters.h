// Vocabularies of a few letters.
#pragma once

#include <memory>
#include <string>

#include "config/options.h"
#include "tokenizer/tokenizer.h"
#include "util/temp_folder.h"

namespace heed::tiny {

inline std::shared_ptr<Tokenizer> make_tokenizer(const std::string& text) {
  TempFolder folder;
  TokenizerConfig config = default_config().tokenizer;
  config.type = "char";
  config.vocab_size = 12;
  return std::make_shared<Tokenizer>(train_tokenizer({folder.write("text", text)}, config));
}

inline std::shared_ptr<Tokenizer> letters() { return make_tokenizer("ab cd ef g\nabcdefg\n"); }
inline std::shared_ptr<Tokenizer> other_letters() {
  return make_tokenizer("xy w uv st\nxywuvst\n");
}

}  // namespace heed::tiny
