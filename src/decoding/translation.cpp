#include "decoding/translation.h"

#include "util/text.h"

namespace heed {
namespace {

// A text that grows, and its words. A word goes on where no white space is between.
class GrowingText {
 public:
  explicit GrowingText(std::string& text) : text_(text) {}
  // The word that begins the text that is appended.
  int append(std::string_view text) {
    bool goes_on = !text_.empty() && !text.empty() && !is_ascii_space(text_.back()) &&
                   !is_ascii_space(text.front());
    int first = words_ - (goes_on ? 1 : 0);
    words_ = first + static_cast<int>(count_words(text));
    text_ += text;
    return first;
  }

 private:
  std::string& text_;
  int words_ = 0;
};

}  // namespace

void set_text(Translation& translation, SpannedText text) {
  translation.text = std::move(text.text);
  translation.target_words = words_of_pieces(translation.text, text.spans);
  translation.target_words.push_back(kNoWord);
}

Translation join_translations(const std::vector<Translation>& parts,
                              const std::vector<std::string>& gaps) {
  Translation whole;
  size_t columns = 1;
  for (const Translation& part : parts) {
    auto weight = static_cast<double>(part.length);
    whole.score += part.score * weight;
    whole.utility += part.utility * weight;
    whole.log_probability += part.log_probability;
    whole.length += part.length;
    whole.ended = whole.ended && part.ended;
    columns += part.source_pieces.empty() ? 0 : part.source_pieces.size() - 1;
  }
  whole.score /= static_cast<double>(whole.length);
  whole.utility /= static_cast<double>(whole.length);
  size_t first = 0;
  GrowingText text(whole.text);
  for (size_t i = 0; i < parts.size(); ++i) {
    const Translation& part = parts[i];
    if (i > 0) text.append(gaps[i]);
    int words_before = text.append(part.text);
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
  }
  return whole;
}

}  // namespace heed
