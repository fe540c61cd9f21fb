// From a request to what is searched for: sentences split, pieces encoded and cut, demands encoded.
#pragma once

#include <string>
#include <vector>

#include "alignment/words.h"
#include "data/model_folder.h"
#include "data/tags.h"
#include "decoding/requests.h"
#include "decoding/search.h"
#include "decoding/unknown_words.h"
#include "util/error.h"

namespace heed {

// What happens to lines around the search.
struct LineOptions {
  bool split_sentences = false;  // translate a line's sentences one by one
  std::string language = {};     // of the sentences; empty: any
  bool split_long = false;       // translate a line beyond data.max_length in parts; else it is cut
  bool replace_unknown = false;  // unknown pieces by what the model looked at
  // What the dictionary has for them instead, where there is one.
  std::shared_ptr<const Dictionary> dictionary = nullptr;
  std::string source_tag = {};  // a piece before the source; see data/tags.h
};

// What is searched for at once: a line, or a part of one.
struct Part {
  std::string gap;                   // what the line has between the part before and this one
  std::string text;                  // of the line, or of one of its sentences
  size_t first = 0;                  // of the text's pieces, the first that is in this part
  std::vector<int32_t> source = {};  // those of the tag first
  PieceWords words = {};             // of the raw line, one per piece; where they are wanted
  Demand demand = {};
};

// Says that the tokenizer reads only the first Tokenizer::kMaxBytes of so many bytes.
std::string bytes_cut(size_t bytes);

// What the user of a translation should know of. Texts lack the line's place.
struct TranslationNotes {
  std::vector<std::string> cuts;     // of texts longer than the model takes
  std::vector<std::string> unknown;  // characters of the source that the vocabulary lacks
  // Of the prefix and of the phrases, which a stream has in files of their own.
  std::vector<std::string> of_prefix, of_phrases;
  // Translations that did not end by themselves, and that lack a phrase they should hold.
  int64_t at_max_length = 0, at_ratio = 0, stuck = 0, without_phrase = 0;
  // Translations to score whose given pieces are not those of their text.
  int64_t other_pieces = 0;
};

struct Prepared {
  std::vector<Part> parts;  // none for a blank line
  TranslationNotes notes;
};

// Says of a request with nothing to translate that its prefix and phrases are left out.
void note_left_out(const Request& request, TranslationNotes& notes);

// A prefix or phrases that no translation has room for. The message lacks the line's place.
class DemandError : public Error {
 public:
  enum class Part { kPrefix, kPhrases };
  DemandError(Part part, const std::string& message) : Error(message), part(part) {}

  Part part;  // what made it too long
};

// Takes the same request to the same parts, whatever came before.
class Preparation {
 public:
  // `tokenizers`, `lines` and `limits.search` must live as long. Throws UsageError for a source_tag
  // that the vocabulary does not have.
  struct Limits {
    int64_t max_length;           // pieces
    const SearchOptions& search;  // of a request without options of its own
  };
  Preparation(const Tokenizers& tokenizers, const LineOptions& lines, const Limits& limits)
      : tokenizers_(tokenizers),
        lines_(lines),
        limits_(limits),
        tag_(encode_tag(*tokenizers.source, lines.source_tag, "--source-tag")) {}
  // Throws DemandError.
  Prepared operator()(const Request& request) const;

 private:
  // The line or, where it is to be split, its texts; their pieces, and the words of these.
  struct Text {
    std::string gap, text;
    std::vector<int32_t> ids = {};
    PieceWords words = {};
  };
  std::vector<Text> texts_of(const Request& request) const;
  void note_unknown(const std::vector<Text>& texts, TranslationNotes& notes) const;
  void encode(const Request& request, std::vector<Text>& texts) const;
  std::string gap_before(const Text& text, size_t piece) const;
  void add_parts(Text text, Prepared& prepared) const;
  Part tagged(Part part) const;
  const SearchOptions& search_of(const Request& request) const;
  Demand demand_of(const Request& request, TranslationNotes& notes) const;
  std::vector<int32_t> encode_target(const std::string& text,
                                     std::vector<std::string>& notes) const;

  const Tokenizers& tokenizers_;
  const LineOptions& lines_;
  Limits limits_;
  std::vector<int32_t> tag_;  // pieces of it
};

}  // namespace heed
