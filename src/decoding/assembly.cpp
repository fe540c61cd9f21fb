#include "decoding/assembly.h"

#include <algorithm>

#include "decoding/mbr.h"
#include "decoding/phrases.h"
#include "util/text.h"

namespace heed {
namespace {

// A translation is one line, whatever characters the model has put together.
std::string one_line(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  return text;
}

}  // namespace

Translation Assembly::translation(const Hypothesis& hypothesis, const Part& part) const {
  Translation translation;
  const Tokenizer& target = *tokenizers_.target;
  translation.text = one_line(target.decode(hypothesis.ids));
  translation.score = hypothesis.score;
  translation.log_probability = hypothesis.log_probability;
  translation.length = std::ssize(hypothesis.ids) + 1;
  translation.ended = hypothesis.ended;
  if (!options_.want_attention) return translation;
  translation.source_pieces = tokenizers_.source->pieces(part.source);
  translation.source_pieces.emplace_back("</s>");
  translation.target_pieces = target.pieces(hypothesis.ids);
  translation.target_pieces.emplace_back("</s>");
  translation.attention = hypothesis.attention;
  if (lines_.replace_unknown) {
    translation.text = with_known_words(translation, hypothesis, part);
  }
  return translation;
}

std::string Assembly::with_known_words(const Translation& translation, const Hypothesis& hypothesis,
                                       const Part& part) const {
  const Tokenizer& target = *tokenizers_.target;
  int32_t unknown = target.special().unknown;
  if (std::ranges::count(hypothesis.ids, unknown) == 0) return translation.text;
  auto written = tokenizers_.source->encode_pieces(part.text);
  auto first = written.begin() + static_cast<ptrdiff_t>(part.first);
  std::vector<std::string> source(first, first + std::ssize(part.source));
  static const Dictionary kEmpty;
  const Dictionary& dictionary = lines_.dictionary ? *lines_.dictionary : kEmpty;
  return one_line(target.decode_pieces(
      replace_unknown(translation, target.piece(unknown), source, dictionary)));
}

std::vector<Translation> Assembly::of_part(const std::vector<Hypothesis>& found, const Part& part,
                                           int64_t n_best) const {
  std::vector<Translation> translations;
  for (const Hypothesis& hypothesis : found) translations.push_back(translation(hypothesis, part));
  if (options_.mbr == "off") return translations;
  choose_by_utility(translations, mbr_weights(translations, options_.sampling()), options_.mbr);
  translations.resize(std::min(translations.size(), static_cast<size_t>(n_best)));
  return translations;
}

std::vector<Translation> Assembly::operator()(const std::vector<Part>& parts,
                                              const std::vector<std::vector<Hypothesis>>& found,
                                              int64_t n_best) const {
  if (parts.empty()) return {Translation{}};
  if (parts.size() == 1) return of_part(found[0], parts[0], n_best);
  std::vector<Translation> best;
  for (size_t i = 0; i < parts.size(); ++i) {
    best.push_back(of_part(found[i], parts[i], n_best)[0]);
  }
  return {join_translations(best)};
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

Translation join_translations(const std::vector<Translation>& parts) {
  Translation whole;
  std::vector<std::string> texts;
  size_t columns = 1;
  for (const Translation& part : parts) {
    texts.push_back(part.text);
    auto weight = static_cast<double>(part.length);
    whole.score += part.score * weight;
    whole.utility += part.utility * weight;
    whole.log_probability += part.log_probability;
    whole.length += part.length;
    whole.ended = whole.ended && part.ended;
    columns += part.source_pieces.empty() ? 0 : part.source_pieces.size() - 1;
  }
  whole.text = join(texts, " ");
  whole.score /= static_cast<double>(whole.length);
  whole.utility /= static_cast<double>(whole.length);
  size_t first = 0;
  for (size_t i = 0; i < parts.size(); ++i) {
    const Translation& part = parts[i];
    if (part.source_pieces.empty()) continue;
    size_t between = i + 1 < parts.size() ? 1 : 0;  // the end symbol that is left out
    whole.source_pieces.insert(whole.source_pieces.end(), part.source_pieces.begin(),
                               part.source_pieces.end() - static_cast<ptrdiff_t>(between));
    for (size_t t = 0; t + between < part.target_pieces.size(); ++t) {
      whole.target_pieces.push_back(part.target_pieces[t]);
      std::vector<float>& row = whole.attention.emplace_back(columns, 0.0F);
      for (size_t s = 0; s + 1 < part.attention[t].size(); ++s)
        row[first + s] = part.attention[t][s];
      row[columns - 1] = part.attention[t].back();
    }
    first += part.source_pieces.size() - 1;
  }
  return whole;
}

}  // namespace heed
