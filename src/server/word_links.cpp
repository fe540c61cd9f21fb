#include "server/word_links.h"

#include <algorithm>

#include "alignment/word_weights.h"
#include "decoding/alignment.h"
#include "util/text.h"

namespace heed {
namespace {

// Attention between the words of one sentence; none where the translation has none.
WordWeights weights_of(const Translation& translation) {
  std::vector<float> pieces;
  for (const auto& row : translation.attention) pieces.insert(pieces.end(), row.begin(), row.end());
  return merge_to_words(pieces, translation.target_words, translation.source_words);
}

class Linker {
 public:
  Linker(WordLinks& out, const LinkOptions& options) : out_(out), options_(options) {}

  void add(const std::string& sentence, const TranslatedSentence& translated,
           const Translation& translation) {
    std::vector<std::string> source = split_words(sentence), target = split_words(translation.text);
    size_t from = out_.source.size(), to = out_.target.size();
    out_.source.insert(out_.source.end(), source.begin(), source.end());
    out_.target.insert(out_.target.end(), target.begin(), target.end());
    if (options_.attention) out_.attention.resize(out_.target.size());
    auto tags = static_cast<int64_t>(translated.tag_words);
    if (translation.attention.empty()) {
      for (size_t i = 0; i < std::min(source.size(), target.size()); ++i) link(from + i, to + i);
      return;
    }
    for (const Link& one : hard_alignment(translation, AlignmentUnit::kWord)) {
      bool known = one.source >= tags && one.source - tags < std::ssize(source);
      if (!known || one.target >= std::ssize(target)) continue;
      link(from + static_cast<size_t>(one.source - tags), to + static_cast<size_t>(one.target));
    }
    if (!options_.attention) return;
    WordWeights weights = weights_of(translation);
    WeightRows rows = weights.view();
    for (size_t i = 0; i < std::min(rows.rows(), target.size()); ++i) {
      std::vector<float>& row = out_.attention[to + i];
      row.assign(from, 0);
      for (size_t k = translated.tag_words; k < weights.columns; ++k) row.push_back(rows.row(i)[k]);
    }
  }

  // Every row as wide as the source.
  void finish() {
    for (auto& row : out_.attention) row.resize(out_.source.size());
  }

 private:
  void link(size_t source, size_t target) {
    out_.links.push_back({static_cast<int64_t>(source), static_cast<int64_t>(target)});
  }

  WordLinks& out_;
  const LinkOptions& options_;
};

}  // namespace

WordLinks link_words(const TranslatedText& text, const LinkOptions& options) {
  WordLinks links;
  Linker linker(links, options);
  for (size_t i = 0; i < text.sentences.size(); ++i) {
    const TranslatedSentence& sentence = text.sentences[i];
    size_t at = options.rank < sentence.translations.size() ? options.rank : 0;
    linker.add(text.source.sentences[i].text, sentence, sentence.translations[at]);
  }
  linker.finish();
  return links;
}

}  // namespace heed
