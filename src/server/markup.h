// HTML translated: blocks line by line, inline tags moved with their words, everything else left as
// it stands.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/markup_tokens.h"
#include "server/word_links.h"

namespace heed {

// A line of text between two blocks, as what there is to translate and what stands in it. Elements
// are numbered; a stack holds those that are open, the outermost first.
class MarkupLine {
 public:
  using Stack = std::vector<size_t>;

  // Of tokens none of which is a block.
  explicit MarkupLine(const std::vector<MarkupToken>& tokens);

  // Without markup, entities decoded, white space as single spaces, none at the ends.
  const std::string& text() const { return text_; }
  // Whether there is a letter in it.
  bool is_translatable() const;
  // The translation with the markup put where the words have gone: each element around the words
  // that are linked to its own, each object before the word that it stood before. Nothing is lost:
  // an element whose words have gone stands around a word beside.
  std::string translated(const TranslatedText& translation) const;

 private:
  struct Element {
    std::string open, close;
    size_t at;    // byte of the text that it begins at
    Stack stack;  // it and those around it
  };
  struct Object {
    size_t at;  // byte of the text
    std::string raw;
    Stack stack;
    bool space_before, space_after = false;
  };
  // Text that is to stay as it is, markup and all: the words are only for the model to see.
  struct Kept {
    size_t begin, end;
    std::string raw;
    Stack stack;
  };
  struct Run {
    size_t begin;
    Stack stack;
  };
  friend class MarkupLineBuilder;
  friend class MarkupPlacer;

  std::string before_, after_;  // white space around it
  std::string text_;
  std::vector<Run> runs_;
  std::vector<Element> elements_;
  std::vector<Object> objects_;
  std::vector<Kept> kept_;
};

// Each text translated, as a list of one. Throws what translate_texts throws.
std::vector<std::vector<std::string>> translate_html(const std::vector<std::string>& texts,
                                                     const ModelPtr& model, Call& call,
                                                     const SentenceSink& each = {});

}  // namespace heed
