#include "evaluation/ter.h"

#include <algorithm>
#include <limits>

#include "evaluation/ngrams.h"
#include "evaluation/segment_text.h"
#include "evaluation/ter_edits.h"
#include "evaluation/western_tokens.h"
#include "util/text.h"

namespace heed {
namespace {

bool in(char32_t c, char32_t first, char32_t last) { return c >= first && c <= last; }

bool is_asian_punctuation(char32_t c) {
  bool ideographic = in(c, 0x3001, 0x3002) || in(c, 0x3008, 0x3011) || in(c, 0x3014, 0x301F) ||
                     in(c, 0xFF61, 0xFF65) || c == 0x30FB;
  bool full_width = in(c, 0xFF01, 0xFF02) || in(c, 0xFF08, 0xFF09) || c == 0xFF0C || c == 0xFF0E ||
                    in(c, 0xFF1A, 0xFF1B) || c == 0xFF1F;
  return ideographic || full_width;
}

// What becomes a word of its own. sacreBLEU's range for enclosed letters runs to U+3F22 where
// U+32FF was meant, which its other ranges cover but for U+3400 on, so nothing differs. Kana stay
// together: its rules for them can match only at the start of a line, where a space always stands.
bool is_asian_word(char32_t c) {
  return in(c, 0x4E00, 0x9FFF) || in(c, 0x3400, 0x4DBF) || in(c, 0x31C0, 0x31EF) ||
         in(c, 0x2E80, 0x2EFF) || in(c, 0x3200, 0x3F22) || in(c, 0xF900, 0xFAFF) ||
         in(c, 0xFE30, 0xFE4F) || is_asian_punctuation(c);
}

bool is_western_punctuation(char32_t c) {
  return c < 0x80 && std::string_view(".,?:;!\"()").find(static_cast<char>(c)) != std::string::npos;
}

std::string space_asian_words(std::string_view text) {
  std::string out;
  for (char32_t c : to_utf32(text)) {
    bool alone = is_asian_word(c);
    if (alone) out += ' ';
    append_utf8(out, c);
    if (alone) out += ' ';
  }
  return out;
}

std::string normalize_western(std::string_view line) {
  std::string text(line), spaced;
  replace_all(text, "\n-", "");
  replace_all(text, "\n", " ");
  unescape_entities(text);
  space_ascii_punctuation(" " + text + " ", spaced);
  replace_all(spaced, "'s ", " 's ");
  space_number_marks(spaced, text);
  return spaced;
}

std::string join_words(const std::vector<std::string_view>& words) {
  std::string line;
  for (std::string_view word : words) line.append(line.empty() ? "" : " ").append(word);
  return line;
}

// An empty reference makes any edit a rate of 100%.
template <typename Real>
Real edit_rate(Real edits, Real length) {
  if (length > 0) return 100 * (edits / length);
  return edits > 0 ? 100 : 0;
}

}  // namespace

std::string Ter::normalize(std::string_view line) const {
  std::string text(strip_end(line));
  if (!options_.case_sensitive) text = to_lower(text);
  if (options_.normalized) {
    text = normalize_western(text);
    if (options_.asian_support) text = space_asian_words(text);
  }
  if (options_.no_punct) {
    std::string kept;
    for (char32_t c : to_utf32(text)) {
      bool dropped =
          is_western_punctuation(c) || (options_.asian_support && is_asian_punctuation(c));
      if (!dropped) append_utf8(kept, c);
    }
    text = std::move(kept);
  }
  return text;
}

Counts Ter::statistics(std::string_view hypothesis,
                       std::span<const std::string_view> references) const {
  check_references(references.size());
  thread_local WordIds ids;
  std::vector<std::string_view> words;
  std::vector<uint32_t> hypothesis_ids, reference_ids;
  const std::string text = normalize(hypothesis);
  split_on_spaces(text, words);
  ids.reset(words.size());
  for (std::string_view word : words) hypothesis_ids.push_back(ids.add(word));

  int64_t fewest = std::numeric_limits<int64_t>::max(), length = 0;
  for (std::string_view reference : references) {
    std::string reference_text = normalize(reference);
    split_on_spaces(reference_text, words);
    if (options_.normalized) {
      // sacreBLEU normalises references twice, which takes more of them apart: "it's." gives "it's"
      // and "." at first, "it", "'s" and "." then. Scores depend on it, so it is kept.
      reference_text = normalize(join_words(words));
      split_on_spaces(reference_text, words);
    }
    reference_ids.clear();
    // A word that the hypothesis lacks is 0, which equals none of its words.
    for (std::string_view word : words) reference_ids.push_back(ids.find(word));
    fewest = std::min(fewest, translation_edits(hypothesis_ids, reference_ids));
    length += static_cast<int64_t>(reference_ids.size());
  }
  return {static_cast<double>(fewest),
          static_cast<double>(length) / static_cast<double>(references.size())};
}

Score Ter::score(const Counts& counts) const {
  return {name(), edit_rate(counts[0], counts[1]), "", std::nullopt};
}

double Ter::resampled_score(std::span<const float> counts) const {
  return edit_rate(counts[0], counts[1]);
}

std::vector<SignatureField> Ter::signature_fields() const {
  auto answer = [](bool value) { return value ? "yes" : "no"; };
  return {{"case", "c", options_.case_sensitive ? "mixed" : "lc"},
          {"tok", "t", "tercom"},
          {"norm", "nr", answer(options_.normalized)},
          {"punct", "pn", answer(!options_.no_punct)},
          {"asian", "as", answer(options_.asian_support)}};
}

}  // namespace heed
