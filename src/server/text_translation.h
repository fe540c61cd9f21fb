// Texts of any length through a model: divided into sentences, translated, put together.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "server/call.h"
#include "server/sentences.h"

namespace heed {

// A text as a caller wants it translated.
struct TextDemand {
  std::string text;
  std::string prefix = {};                           // the translation begins with it
  std::vector<std::string> phrases = {};             // the translation holds each of them
  std::map<std::string, std::string> glossary = {};  // where a term occurs, its phrase is held
  std::string tags = {};  // words put before each sentence for the model to see
  SearchWish search = {};
};

struct TranslatedSentence {
  std::vector<Translation> translations;  // best first; of a sentence that is copied, one
  size_t tag_words = 0;  // at the source's beginning, which are no words of the text
};

struct TranslatedText {
  SentenceText source;
  std::string target;                         // language code
  std::vector<TranslatedSentence> sentences;  // one for each of the source's
  std::vector<std::string> warnings = {};     // what the caller should know, each once

  // The `rank`th best, from 0: sentences that have fewer translations stay at their best.
  std::string text(size_t rank = 0) const;
  std::string beginning(size_t count) const;  // of the best, so many sentences
  std::string source_text() const;
  double score(size_t rank = 0) const;  // the sentences' mean by length
  // The best and what differs from it, at most `count`.
  std::vector<size_t> distinct_ranks(size_t count) const;
};

struct SentenceNews {
  size_t text, sentence;         // which one
  size_t done, all;              // sentences
  const TranslatedText& so_far;  // the text it is in
};
using SentenceSink = std::function<void(const SentenceNews&)>;
struct DraftNews {
  size_t text, sentence;  // which one
  const Draft& draft;     // of the sentence
};
using DraftSink = std::function<void(const DraftNews&)>;
// All texts together, so that they share batches. `each`, where given, hears of every sentence in
// order as it is translated, and `drafts` of what the next one has come to. Throws what
// Call::translate throws.
std::vector<TranslatedText> translate_texts(const ServedModel& model,
                                            const std::vector<TextDemand>& demands, Call& call,
                                            const SentenceSink& each = {},
                                            const DraftSink& drafts = {});

// Adds what the command line warns of, where it is not among them yet and they are not too many.
void add_warnings(const TranslationNotes& notes, std::vector<std::string>& warnings);

// The parts of a prefix that fall to each of so many sentences: its whole sentences to the first
// ones, the rest to the one after them.
std::vector<std::string> divide_prefix(const std::string& prefix, size_t sentences);

// Whether `term` stands in `text` as words of its own, in any case.
bool has_term(std::string_view text, std::string_view term);

}  // namespace heed
