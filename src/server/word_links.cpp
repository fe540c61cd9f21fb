#include "server/word_links.h"

#include <algorithm>
#include <span>

#include "decoding/alignment.h"
#include "evaluation/script.h"
#include "util/text.h"

namespace heed {
namespace {

// A side of a translation as what is linked, and which of that each piece belongs to.
struct Side {
  std::vector<std::string> units;
  PieceWords of_pieces;
};

// The word's pieces that have text of it; none where they are not its text.
std::vector<std::string> division_of(const std::string& word, std::span<const std::string> pieces) {
  std::vector<std::string> units;
  for (std::string piece : pieces) {
    if (piece.starts_with(kWordMark)) piece.erase(0, kWordMark.size());
    if (!piece.empty()) units.push_back(std::move(piece));
  }
  return join(units, "") == word ? units : std::vector<std::string>();
}

// `words` are those of the text, of which `of_pieces` counts some more in front.
Side divided(const std::vector<std::string>& words, const std::vector<std::string>& pieces,
             const PieceWords& of_pieces, int in_front) {
  Side side{{}, of_pieces};
  size_t piece = 0;
  for (size_t i = 0; i < words.size(); ++i) {
    int number = in_front + static_cast<int>(i);
    while (piece < of_pieces.size() && of_pieces[piece] < number) ++piece;
    size_t end = piece;
    while (end < of_pieces.size() && of_pieces[end] == number) ++end;
    std::vector<std::string> parts;
    if (is_unspaced(words[i]) && end <= pieces.size()) {
      parts = division_of(words[i], std::span(pieces).subspan(piece, end - piece));
    }
    if (parts.empty()) parts = {words[i]};
    for (size_t k = piece, part = 0; k < end; ++k) {
      side.of_pieces[k] = in_front + static_cast<int>(side.units.size() + part);
      if (part + 1 < parts.size() && pieces[k] != kWordMark) ++part;
    }
    side.units.insert(side.units.end(), parts.begin(), parts.end());
    piece = end;
  }
  return side;
}

class Linker {
 public:
  Linker(WordLinks& out, const LinkOptions& options) : out_(out), options_(options) {}

  void add(const std::string& sentence, const TranslatedSentence& translated,
           const Translation& translation) {
    auto tags = static_cast<int>(translated.tag_words);
    Side source{split_words(sentence), translation.source_words};
    Side target{split_words(translation.text), translation.target_words};
    if (options_.divide_unspaced) {
      source = divided(source.units, translation.source_pieces, source.of_pieces, tags);
      target = divided(target.units, translation.target_pieces, target.of_pieces, 0);
    }
    size_t from = out_.source.size(), to = out_.target.size();
    out_.source.insert(out_.source.end(), source.units.begin(), source.units.end());
    out_.target.insert(out_.target.end(), target.units.begin(), target.units.end());
    if (options_.attention) out_.attention.resize(out_.target.size());
    if (translation.attention.empty()) {
      size_t both = std::min(source.units.size(), target.units.size());
      for (size_t i = 0; i < both; ++i) link(from + i, to + i);
      return;
    }
    WordWeights weights = merge_attention(translation, target.of_pieces, source.of_pieces);
    WeightRows rows = weights.view();
    for (const Link& one : hard_links(rows)) {
      bool known = one.source >= tags && one.source - tags < std::ssize(source.units);
      if (!known || one.target >= std::ssize(target.units)) continue;
      link(from + static_cast<size_t>(one.source - tags), to + static_cast<size_t>(one.target));
    }
    if (!options_.attention) return;
    for (size_t i = 0; i < std::min(rows.rows(), target.units.size()); ++i) {
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
