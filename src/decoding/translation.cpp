#include "decoding/translation.h"

#include <algorithm>

#include "util/text.h"

namespace heed {

void set_text(Translation& translation, SpannedText text) {
  std::ranges::replace(text.text, '\n', ' ');
  translation.text = std::move(text.text);
  translation.target_words = words_of_pieces(translation.text, text.spans);
  translation.target_words.push_back(kNoWord);
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
  int words_before = 0;  // of the target
  for (size_t i = 0; i < parts.size(); ++i) {
    const Translation& part = parts[i];
    if (part.source_pieces.empty()) continue;
    size_t between = i + 1 < parts.size() ? 1 : 0;  // the end symbol that is left out
    whole.source_words.insert(whole.source_words.end(), part.source_words.begin(),
                              part.source_words.end() - static_cast<ptrdiff_t>(between));
    whole.source_pieces.insert(whole.source_pieces.end(), part.source_pieces.begin(),
                               part.source_pieces.end() - static_cast<ptrdiff_t>(between));
    for (size_t t = 0; t + between < part.target_pieces.size(); ++t) {
      whole.target_pieces.push_back(part.target_pieces[t]);
      int word = part.target_words[t];
      whole.target_words.push_back(word == kNoWord ? kNoWord : words_before + word);
      std::vector<float>& row = whole.attention.emplace_back(columns, 0.0F);
      for (size_t s = 0; s + 1 < part.attention[t].size(); ++s)
        row[first + s] = part.attention[t][s];
      row[columns - 1] = part.attention[t].back();
    }
    first += part.source_pieces.size() - 1;
    words_before += static_cast<int>(count_words(part.text));
  }
  return whole;
}

}  // namespace heed
