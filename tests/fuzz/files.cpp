// Targets: files that users give, and those of a model folder.
#include <cstring>

#include "alignment/pharaoh.h"
#include "config/ini.h"
#include "config/render.h"
#include "data/lexicon.h"
#include "data/safetensors_header.h"
#include "decoding/unknown_words.h"
#include "evaluation/ambiguity.h"
#include "fuzz/answer.h"
#include "fuzz/memory_file.h"
#include "tokenizer/tokenizer.h"

namespace heed::fuzz {
void ini(std::string_view bytes) {
  answer([&] {
    Config config = parse_config(std::string(bytes), "fuzz.ini", "/folder");
    // What is accepted can be written down, and means the same when it is read again.
    std::string rendered = render_config(config);
    require(render_config(parse_config(rendered, "again.ini", "")) == rendered);
  });
}

void pharaoh(std::string_view bytes) {
  answer([&] {
    std::vector<Link> links = parse_pharaoh(bytes, "fuzz:1");
    std::string printed = print_pharaoh(links);
    require(print_pharaoh(parse_pharaoh(printed, "again:1")) == printed);
    check_links(links, {10, 10}, "fuzz:1");
  });
}

// The first eight bytes say how much data there is behind the header.
void safetensors_header(std::string_view bytes) {
  uint64_t size = 0;
  if (bytes.size() < sizeof size) return;
  std::memcpy(&size, bytes.data(), sizeof size);
  bytes.remove_prefix(sizeof size);
  answer([&] {
    auto header = parse_safetensors_header(std::string(bytes), size, "fuzz.safetensors");
    uint64_t sum = 0;
    for (const auto& [name, tensor] : header.tensors) {
      require(tensor.offset >= 8 + bytes.size());
      require(tensor.offset + tensor.bytes <= 8 + bytes.size() + size);
      sum += tensor.bytes;
    }
    require(sum == size);
  });
}

void tokenizer_model(std::string_view bytes) {
  answer([&] {
    Tokenizer tokenizer(std::string(bytes), "fuzz.model");
    for (const char* text :
         {"", "a", "Ein Haus, aa. \xC2\xBD \xE2\x80\xA6", "\xEF\xBC\xA1\xEF\xBD\x81"}) {
      SpannedIds encoded = tokenizer.encode_spans(text);
      require(encoded.ids.size() == encoded.spans.size());
      for (int32_t id : encoded.ids) require(id >= 0 && id < tokenizer.vocab_size());
      for (ByteSpan span : encoded.spans) {
        require(span.begin <= span.end && span.end <= std::strlen(text));
      }
      tokenizer.decode(encoded.ids);
      tokenizer.encode_pieces(text);
    }
  });
}

void lexicon(std::string_view bytes) {
  MemoryFile file(bytes);
  answer([&] {
    Lexicon read = Lexicon::read(file.path(), {.vocabularies = "0123", .source = 3, .target = 5});
    for (int32_t id : read.candidates(std::vector<int32_t>{0, 1, 2}, 4, std::vector<int32_t>{1})) {
      require(id >= 0 && id < 5);
    }
  });
}

void dictionary(std::string_view bytes) {
  MemoryFile file(bytes);
  answer([&] { read_dictionary(file.path()); });
}

void ambiguity_table(std::string_view bytes) {
  MemoryFile file(bytes);
  answer([&] {
    auto words = read_ambiguous_words(file.path());
    check_ambiguous_words(words, file.path(), {"a b c", "d e"});
    judge_senses(words, "He was sitting on the bank.");
  });
}

}  // namespace heed::fuzz
