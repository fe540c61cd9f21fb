#include "decoding/unknown_words.h"

#include <algorithm>

#include "util/error.h"
#include "util/line_reader.h"
#include "util/log.h"
#include "util/text.h"

namespace heed {
namespace {

// The text without its first mark; the others, which normalisation has put into a word, are spaces.
std::string unmarked(std::string_view text) {
  std::string plain;
  if (text.starts_with(kWordMark)) text.remove_prefix(kWordMark.size());
  while (!text.empty()) {
    bool mark = text.starts_with(kWordMark);
    plain += mark ? ' ' : text.front();
    text.remove_prefix(mark ? kWordMark.size() : 1);
  }
  return plain;
}

// The text that source piece `at` stands for.
std::string source_text(const Translation& translation, const std::string& unknown,
                        const std::vector<std::string>& source, size_t at) {
  if (translation.source_pieces[at] == unknown) return unmarked(source[at]);
  const PieceWords& words = translation.source_words;
  std::string word;
  for (size_t i = 0; i < source.size(); ++i) {
    if (words[i] == words[at]) word += source[i];
  }
  return unmarked(word);
}

}  // namespace

Dictionary read_dictionary(const std::string& path) {
  Dictionary dictionary;
  int64_t number = 0, again = 0, first_again = 0;
  for (const std::string& line : read_lines(path)) {
    ++number;
    if (is_blank(line)) continue;
    size_t tab = line.find('\t');
    if (tab == std::string::npos) {
      fail("{}:{}: no TAB: expected a source word, a TAB and its translation", path, number);
    }
    if (line.find('\t', tab + 1) != std::string::npos) {
      fail("{}:{}: more than one TAB: expected a source word, a TAB and its translation", path,
           number);
    }
    auto [entry, added] = dictionary.emplace(trim(line.substr(0, tab)), trim(line.substr(tab + 1)));
    if (added) continue;
    if (first_again == 0) first_again = number;
    ++again;
  }
  if (again > 0) {
    log_warning("{}: {} words come again, the first in line {}: their first translation counts",
                path, with_commas(again), first_again);
  }
  return dictionary;
}

std::vector<std::string> replace_unknown(const Translation& translation, const std::string& unknown,
                                         const std::vector<std::string>& source,
                                         const Dictionary& dictionary) {
  std::vector<std::string> pieces;
  for (size_t t = 0; t + 1 < translation.target_pieces.size(); ++t) {
    pieces.push_back(translation.target_pieces[t]);
    if (pieces.back() != unknown || source.empty()) continue;
    auto weights = translation.attention[t].begin();
    auto most = std::max_element(weights, weights + static_cast<ptrdiff_t>(source.size()));
    pieces.back() = source_text(translation, unknown, source, most - weights);
    if (auto entry = dictionary.find(pieces.back()); entry != dictionary.end()) {
      pieces.back() = entry->second;
    }
  }
  return pieces;
}

}  // namespace heed
