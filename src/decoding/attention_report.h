// What a model's attention did over a text, by layer and head: how it spread, how it moved, how
// well it aligned words, and where it went as ambiguous words were translated.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "alignment/attention_statistics.h"
#include "alignment/error_rate.h"
#include "evaluation/ambiguity.h"
#include "report/attention_page.h"

namespace heed {

// A kind of attention, and one of its heads or, with 0, an average: of a layer's heads (head 0), or
// of all heads (layer 0 as well). Averages are of the weights, before anything is counted; a single
// head is its own average.
struct HeadKey {
  AttentionKind kind = AttentionKind::kCross;
  int layer = 0, head = 0;

  auto operator<=>(const HeadKey&) const = default;
};

// The maps of a sentence with all averages that are of several: [rows, columns] of pieces each.
// Throws Error where the maps of a kind differ in size.
std::map<HeadKey, std::vector<float>> heads_and_averages(const AttentionSentence& sentence);

class AttentionReport {
 public:
  // Counts one sentence pair. How attention spreads is counted by pieces, end symbols included, as
  // the model sees them; how it moves and what it aligns, of cross-attention alone, by the words
  // of the texts (see alignment/words.h). `gold`, where there is one, must be given for every pair.
  void add(const AttentionSentence& sentence, const std::optional<std::vector<Link>>& gold = {});

  // Counts the ambiguous words of one sentence with its translation, in maps made from that
  // translation. `words` are all that the source holds.
  void add_senses(const AttentionSentence& sentence, const std::vector<AmbiguousWord>& words);

  // Sentences with a gold link to a word that has no piece: the model did not see or write it. Such
  // links count as missed.
  int64_t unmatched() const { return unmatched_; }

  // {"sentences", "heads": [{"kind", "layer", "head", "rows", "empty_rows", "mass", "entropy",
  // "entropy_share", "top1", "top3", "monotonicity", "coverage", "alignment": {"error_rate",
  // "precision", "recall", "links", "sure"}, "senses": {"right": {"words", "own", "rest",
  // "strongest"}, "wrong": {the same}}}...], "senses": {"words", "right", "wrong", "neither",
  // "accuracy", "by_word": {...}}}. Layer and head 0 are averages; what was not measured is null or
  // left out.
  nlohmann::ordered_json json() const;
  // The same for people: a row a head, then word senses.
  std::string table() const;

 private:
  struct Head {
    AttentionSpread spread;
    AttentionPath path;
    AlignmentCounts alignment;
    SenseAttention right, wrong;
  };
  nlohmann::ordered_json head_json(const HeadKey& key, const Head& head) const;
  std::string head_row(const HeadKey& key, const Head& head) const;
  std::string senses_text() const;

  int64_t sentences_ = 0, unmatched_ = 0;
  bool aligned_ = false;
  std::map<HeadKey, Head> heads_;
  SenseCounts senses_;
  std::map<std::string, SenseCounts> senses_by_word_;
};

}  // namespace heed
