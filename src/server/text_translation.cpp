#include "server/text_translation.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <set>

#include "decoding/stream.h"
#include "util/text.h"

namespace heed {
namespace {

constexpr size_t kMostWarnings = 20;  // of a text
constexpr size_t kUnknownShown = 10;  // characters of a sentence

SentenceText undivided(const std::string& text) {
  SentenceText whole;
  if (is_blank(text)) {
    whole.before = text;
  } else {
    whole.sentences.push_back({text, ""});
  }
  return whole;
}

// A sentence that needs no model: as it is.
TranslatedSentence copied(const std::string& text) {
  Translation translation;
  translation.text = text;
  return {.translations = {translation}};
}

Request request_for(const ServedModel& model, const TextDemand& demand, const std::string& sentence,
                    const std::string& prefix) {
  Request request{.text = demand.tags.empty() ? sentence : demand.tags + " " + sentence,
                  .prefix = prefix,
                  .phrases = demand.phrases,
                  .search = model.searches->find(demand.search)};
  for (const auto& [term, phrase] : demand.glossary) {
    if (has_term(sentence, term)) request.phrases.push_back(phrase);
  }
  return request;
}

// What is demanded of a text or a sentence that no model is asked for, and that it does not hold as
// it stands.
void warn_of_left_out(Request request, std::vector<std::string>& warnings) {
  auto held = [&](const std::string& text) { return request.text.find(text) != std::string::npos; };
  if (held(request.prefix)) request.prefix.clear();
  std::erase_if(request.phrases, held);
  TranslationNotes notes;
  note_left_out(request, notes);
  add_warnings(notes, warnings);
}

const Translation& at_rank(const TranslatedSentence& sentence, size_t rank) {
  return sentence.translations[rank < sentence.translations.size() ? rank : 0];
}

bool is_word_char(char32_t c) { return u_isalnum(static_cast<UChar32>(c)); }

std::u32string folded(std::string_view text) {
  std::u32string points = to_utf32(text);
  for (char32_t& c : points) {
    c = static_cast<char32_t>(u_foldCase(static_cast<UChar32>(c), U_FOLD_CASE_DEFAULT));
  }
  return points;
}

}  // namespace

std::string TranslatedText::text(size_t rank) const {
  std::vector<std::string> texts;
  for (const TranslatedSentence& sentence : sentences) {
    texts.push_back(at_rank(sentence, rank).text);
  }
  return put_together(source, texts, target);
}

std::string TranslatedText::beginning(size_t count) const {
  std::vector<std::string> texts;
  for (size_t i = 0; i < std::min(count, sentences.size()); ++i) {
    texts.push_back(at_rank(sentences[i], 0).text);
  }
  return put_together(source, texts, target);
}

std::string TranslatedText::source_text() const {
  std::string whole = source.before;
  for (const Sentence& sentence : source.sentences) whole += sentence.text + sentence.after;
  return whole;
}

double TranslatedText::score(size_t rank) const {
  double sum = 0;
  int64_t length = 0;
  for (const TranslatedSentence& sentence : sentences) {
    const Translation& one = at_rank(sentence, rank);
    sum += one.score * static_cast<double>(one.length);
    length += one.length;
  }
  return length == 0 ? 0 : sum / static_cast<double>(length);
}

std::vector<size_t> TranslatedText::distinct_ranks(size_t count) const {
  size_t most = 1;
  for (const TranslatedSentence& one : sentences) most = std::max(most, one.translations.size());
  std::set<std::string> known;
  std::vector<size_t> ranks;
  for (size_t rank = 0; rank < most && ranks.size() < count; ++rank) {
    if (known.insert(text(rank)).second) ranks.push_back(rank);
  }
  return ranks;
}

void add_warnings(const TranslationNotes& notes, std::vector<std::string>& warnings) {
  auto add = [&](const std::string& text) {
    bool room = warnings.size() < kMostWarnings;
    if (room && std::ranges::count(warnings, text) == 0) warnings.push_back(text);
  };
  for (const std::string& text : notes.of_prefix) add("prefix: " + text);
  for (const std::string& text : notes.of_phrases) add("phrase: " + text);
  if (notes.at_max_length > 0) add("cut at the length limit (decoding.max_length)");
  if (notes.at_ratio > 0) add("cut at the length limit (decoding.max_length_ratio)");
  if (notes.stuck > 0) add("cut where no further piece was possible");
  if (notes.without_phrase > 0) {
    add("a phrase that it should hold is missing: a larger beam may find room");
  }
  for (const std::string& cut : notes.cuts) add("the text has " + cut);
  if (!notes.unknown.empty()) add(unknown_warning(notes.unknown, kUnknownShown));
}

std::vector<std::string> divide_prefix(const std::string& prefix, size_t sentences) {
  std::vector<std::string> parts(sentences);
  if (sentences == 0) return parts;
  SentenceText divided = divide(prefix);
  for (size_t i = 0; i < divided.sentences.size(); ++i) {
    const Sentence& part = divided.sentences[i];
    std::string& to = parts[std::min(i, sentences - 1)];
    if (!to.empty()) to += " ";  // more sentences than the source has
    to += part.text;
  }
  return parts;
}

bool has_term(std::string_view text, std::string_view term) {
  std::u32string in = folded(text), wanted = folded(trim(term));
  if (wanted.empty()) return false;
  for (size_t at = in.find(wanted); at != in.npos; at = in.find(wanted, at + 1)) {
    size_t end = at + wanted.size();
    bool begins = at == 0 || !is_word_char(in[at - 1]) || !is_word_char(wanted.front());
    bool ends = end == in.size() || !is_word_char(in[end]) || !is_word_char(wanted.back());
    if (begins && ends) return true;
  }
  return false;
}

std::vector<TranslatedText> translate_texts(const ServedModel& model,
                                            const std::vector<TextDemand>& demands, Call& call,
                                            const SentenceSink& each, const DraftSink& drafts) {
  std::vector<TranslatedText> results;
  std::vector<Request> requests;
  struct Place {
    size_t text, sentence;
  };
  std::vector<Place> places;  // of each request
  for (const TextDemand& demand : demands) {
    // A phrase may belong into any sentence.
    SentenceText source = demand.phrases.empty() ? divide(demand.text) : undivided(demand.text);
    TranslatedText& result = results.emplace_back();
    std::vector<std::string> prefixes = divide_prefix(demand.prefix, source.sentences.size());
    size_t tag_words = static_cast<size_t>(count_words(demand.tags));
    for (size_t i = 0; i < source.sentences.size(); ++i) {
      const std::string& sentence = source.sentences[i].text;
      result.sentences.push_back(copied(sentence));
      if (!demand.glossary.empty()) call.look();  // a long one takes its time, for each sentence
      Request request = request_for(model, demand, sentence, prefixes[i]);
      if (is_only_emoji(sentence)) {
        warn_of_left_out(std::move(request), result.warnings);
        continue;
      }
      result.sentences.back().tag_words = tag_words;
      places.push_back({results.size() - 1, i});
      requests.push_back(std::move(request));
    }
    if (source.sentences.empty()) {
      warn_of_left_out({.text = demand.text, .prefix = demand.prefix, .phrases = demand.phrases},
                       result.warnings);
    }
    result.source = std::move(source);
    result.target = model.direction.target;
  }
  auto take = [&](size_t index, Translated& translated) {
    const Place& place = places[index];
    TranslatedText& text = results[place.text];
    text.sentences[place.sentence].translations = std::move(translated.translations);
    add_warnings(translated.notes, text.warnings);
    if (each) each({place.text, place.sentence, index + 1, places.size(), text});
  };
  Call::DraftSink tell;
  if (drafts) {
    tell = [&](size_t index, const Draft& draft) {
      drafts({places[index].text, places[index].sentence, draft});
    };
  }
  call.translate(model, std::move(requests), take, tell);
  return results;
}

}  // namespace heed
