#include "decoding/assembly.h"

#include <algorithm>

#include "decoding/mbr.h"
#include "decoding/phrases.h"
#include "evaluation/script.h"
#include "util/text.h"

namespace heed {
namespace {

// What joins two parts of a translation: what joined the source's where both are written alike,
// with spaces between words or without; else what the translation's writing has between sentences.
std::string gap_of(const std::string& source, const std::string& target, const std::string& gap) {
  bool unspaced = is_unspaced(target);
  if (is_unspaced(source) == unspaced) return gap;
  return unspaced ? "" : " ";
}

}  // namespace

Translation Assembly::translation(const Hypothesis& hypothesis, const Part& part) const {
  Translation translation;
  const Tokenizer& target = *tokenizers_.target;
  set_text(translation, target.decode_spans(hypothesis.ids));
  translation.score = hypothesis.score;
  translation.log_probability = hypothesis.log_probability;
  translation.length = std::ssize(hypothesis.ids) + 1;
  translation.ended = hypothesis.ended;
  if (!options_.want_attention) return translation;
  translation.source_pieces = tokenizers_.source->pieces(part.source);
  translation.source_pieces.emplace_back("</s>");
  translation.source_words = part.words;
  translation.source_words.push_back(kNoWord);
  translation.target_pieces = target.pieces(hypothesis.ids);
  translation.target_pieces.emplace_back("</s>");
  translation.attention = hypothesis.attention;
  if (lines_.replace_unknown) replace_unknown_words(hypothesis, part, translation);
  return translation;
}

// Of the first `count` pieces, those whose text does not depend on what comes after them: bytes
// become characters together, and unknown pieces may become words of the source.
size_t Assembly::fixed_pieces(const std::vector<int32_t>& ids, size_t count) const {
  const Tokenizer& target = *tokenizers_.target;
  if (lines_.replace_unknown) {
    auto unknown = std::ranges::find(ids, target.special().unknown);
    count = std::min(count, static_cast<size_t>(unknown - ids.begin()));
  }
  while (count > 0 && byte_of_piece(target.piece(ids[count - 1]))) --count;
  return count;
}

Draft Assembly::draft(const SearchNews& news) const {
  const Tokenizer& target = *tokenizers_.target;
  size_t settled = fixed_pieces(news.ids, news.settled);
  size_t shown = fixed_pieces(news.ids, news.ids.size());
  auto text_of = [&](size_t pieces) {
    Translation translation;
    auto end = news.ids.begin() + static_cast<ptrdiff_t>(pieces);
    set_text(translation, target.decode_spans({news.ids.begin(), end}));
    return translation.text;
  };
  Draft draft{text_of(settled), text_of(shown)};
  draft.likely.erase(0, draft.settled.size());
  return draft;
}

void Assembly::replace_unknown_words(const Hypothesis& hypothesis, const Part& part,
                                     Translation& translation) const {
  const Tokenizer& target = *tokenizers_.target;
  int32_t unknown = target.special().unknown;
  if (std::ranges::count(hypothesis.ids, unknown) == 0) return;
  auto source = tokenizers_.source->encode_pieces(lines_.source_tag);
  auto written = tokenizers_.source->encode_pieces(part.text);
  auto first = written.begin() + static_cast<ptrdiff_t>(part.first);
  source.insert(source.end(), first, first + (std::ssize(part.source) - std::ssize(source)));
  static const Dictionary kEmpty;
  const Dictionary& dictionary = lines_.dictionary ? *lines_.dictionary : kEmpty;
  set_text(translation, target.decode_piece_spans(replace_unknown(
                            translation, target.piece(unknown), source, dictionary)));
}

std::vector<Translation> Assembly::of_part(const std::vector<Hypothesis>& found, const Part& part,
                                           int64_t n_best) const {
  std::vector<Translation> translations;
  for (const Hypothesis& hypothesis : found) translations.push_back(translation(hypothesis, part));
  if (options_.mbr == "off") return translations;
  choose_by_utility(translations, mbr_weights(translations, options_.sampling()),
                    options_.mbr.name());
  translations.resize(std::min(translations.size(), static_cast<size_t>(n_best)));
  return translations;
}

std::vector<Translation> Assembly::operator()(const std::vector<Part>& parts,
                                              const std::vector<std::vector<Hypothesis>>& found,
                                              int64_t n_best) const {
  if (parts.empty()) return {Translation{}};
  if (parts.size() == 1) return of_part(found[0], parts[0], n_best);
  std::vector<Translation> best;
  std::vector<std::string> gaps;
  for (size_t i = 0; i < parts.size(); ++i) {
    best.push_back(of_part(found[i], parts[i], n_best)[0]);
    gaps.push_back(i == 0 ? ""
                          : gap_of(parts[i - 1].text + parts[i].text,
                                   best[i - 1].text + best[i].text, parts[i].gap));
  }
  return {join_translations(best, gaps)};
}

void Assembly::note_end(const Hypothesis& best, const Part& part, TranslationNotes& notes) const {
  int64_t length = std::ssize(best.ids);
  if (!phrase_progress(part.demand.phrases, best.ids).complete) ++notes.without_phrase;
  if (best.ended) return;
  if (length < length_limit(std::ssize(part.source), options_)) {
    ++notes.stuck;
  } else {
    bool by_length = options_.max_length > 0 && length >= options_.max_length;
    ++(by_length ? notes.at_max_length : notes.at_ratio);
  }
}

}  // namespace heed
