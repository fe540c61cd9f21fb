#include "decoding/attention_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "alignment/word_weights.h"
#include "util/error.h"

namespace heed {
namespace {

using Json = nlohmann::ordered_json;

// The mean of maps of one size.
std::vector<float> mean_weights(const std::vector<const AttentionMap*>& maps) {
  std::vector<float> mean(maps[0]->weights.size());
  for (const AttentionMap* map : maps) {
    if (map->weights.size() != mean.size()) {
      fail("{}: {} weights, but {} has {}; the heads of a sentence must have one size",
           map_name(*map), map->weights.size(), map_name(*maps[0]), mean.size());
    }
    for (size_t i = 0; i < mean.size(); ++i) {
      mean[i] += map->weights[i] / static_cast<float>(maps.size());
    }
  }
  return mean;
}

// Of cross-attention, by words.
WordWeights word_matrix(const std::vector<float>& weights, const AttentionSentence& sentence) {
  return merge_to_words(weights, sentence.target_words, sentence.source_words);
}

// A link to a word without a piece, which no attention can find.
bool has_unmatched(const std::vector<Link>& gold, const AttentionSentence& sentence) {
  return std::ranges::any_of(gold, [&](const Link& link) {
    return std::ranges::count(sentence.source_words, link.source) == 0 ||
           std::ranges::count(sentence.target_words, link.target) == 0;
  });
}

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json sense_json(const SenseAttention& senses) {
  return {{"words", senses.words},
          {"own", number(senses.own())},
          {"rest", number(senses.rest())},
          {"strongest", number(senses.strongest_share())}};
}

Json count_json(const SenseCounts& counts) {
  return {{"words", counts.total()},
          {"right", counts.right},
          {"wrong", counts.wrong},
          {"neither", counts.neither},
          {"accuracy", number(counts.accuracy())}};
}

std::string cell(double value, int decimals = 3) {
  return std::isfinite(value) ? fmt::format("{:.{}f}", value, decimals) : "-";
}

std::string attended(const char* verdict, const SenseAttention& senses) {
  if (senses.words == 0) return "";
  return fmt::format(
      "  {:<6}{:>5} words  {} on the word itself, {} on other words; the word itself has the most "
      "in {:.1f}%\n",
      verdict, senses.words, cell(senses.own()), cell(senses.rest()),
      100 * senses.strongest_share());
}

}  // namespace

std::map<HeadKey, std::vector<float>> heads_and_averages(const AttentionSentence& sentence) {
  std::map<HeadKey, std::vector<const AttentionMap*>> groups;
  for (const AttentionMap& map : sentence.maps) {
    groups[{map.kind, 0, 0}].push_back(&map);
    groups[{map.kind, map.layer, 0}].push_back(&map);
    groups[{map.kind, map.layer, map.head}].push_back(&map);
  }
  std::map<HeadKey, std::vector<float>> weights;
  for (const auto& [key, maps] : groups) {
    size_t all = groups.at({key.kind, 0, 0}).size();
    bool of_layer = key.layer > 0 && key.head == 0;
    // The average of one head is that head; that of the only layer is that of all.
    if (of_layer && (maps.size() == 1 || maps.size() == all)) continue;
    if (key.layer > 0 && key.head > 0 && all == 1) continue;
    weights[key] = mean_weights(maps);
  }
  return weights;
}

void AttentionReport::add(const AttentionSentence& sentence,
                          const std::optional<std::vector<Link>>& gold) {
  ++sentences_;
  aligned_ = aligned_ || gold.has_value();
  if (gold && has_unmatched(*gold, sentence)) ++unmatched_;
  for (const auto& [key, weights] : heads_and_averages(sentence)) {
    Head& head = heads_[key];
    head.spread.add({weights, attention_axes(sentence, key.kind).columns.size()});
    if (key.kind != AttentionKind::kCross) continue;
    WordWeights words = word_matrix(weights, sentence);
    head.path.add(words.view());
    if (gold) head.alignment += compare_alignments(hard_links(words.view()), *gold);
  }
}

void AttentionReport::add_senses(const AttentionSentence& sentence,
                                 const std::vector<AmbiguousWord>& words) {
  std::vector<SenseJudgement> judgements = judge_senses(words, sentence.target_text);
  for (size_t i = 0; i < words.size(); ++i) {
    senses_.add(judgements[i].verdict);
    senses_by_word_[words[i].word].add(judgements[i].verdict);
  }
  for (const auto& [key, weights] : heads_and_averages(sentence)) {
    if (key.kind != AttentionKind::kCross) continue;
    WordWeights matrix = word_matrix(weights, sentence);
    for (size_t i = 0; i < words.size(); ++i) {
      auto token = static_cast<size_t>(words[i].token);
      // A source or translation that is cut at the length limit may lack the word.
      const std::vector<size_t>& targets = judgements[i].tokens;
      bool inside =
          !targets.empty() && targets.back() < matrix.view().rows() && token < matrix.columns;
      if (!inside) continue;
      Head& head = heads_[key];
      bool right = judgements[i].verdict == SenseVerdict::kRight;
      (right ? head.right : head.wrong).add(matrix.view(), token, targets);
    }
  }
}

Json AttentionReport::head_json(const HeadKey& key, const Head& head) const {
  Json json = {{"kind", attention_kind_key(key.kind)},
               {"layer", key.layer},
               {"head", key.head},
               {"rows", head.spread.rows},
               {"empty_rows", head.spread.empty_rows},
               {"mass", number(head.spread.mass())},
               {"entropy", number(head.spread.entropy())},
               {"entropy_share", number(head.spread.entropy_share())},
               {"top1", number(head.spread.top1())},
               {"top3", number(head.spread.top3())}};
  if (key.kind != AttentionKind::kCross) return json;
  json["monotonicity"] = number(head.path.monotonicity());
  json["coverage"] = number(head.path.coverage());
  if (aligned_) {
    json["alignment"] = {{"error_rate", head.alignment.error_rate()},
                         {"precision", head.alignment.precision()},
                         {"recall", head.alignment.recall()},
                         {"links", head.alignment.links},
                         {"sure", head.alignment.sure}};
  }
  if (senses_.total() > 0) {
    json["senses"] = {{"right", sense_json(head.right)}, {"wrong", sense_json(head.wrong)}};
  }
  return json;
}

Json AttentionReport::json() const {
  Json heads = Json::array();
  for (const auto& [key, head] : heads_) heads.push_back(head_json(key, head));
  Json json = {{"sentences", sentences_}, {"heads", heads}};
  if (senses_.total() == 0) return json;
  Json by_word = Json::object();
  for (const auto& [word, counts] : senses_by_word_) by_word[word] = count_json(counts);
  json["senses"] = count_json(senses_);
  json["senses"]["by_word"] = by_word;
  return json;
}

std::string AttentionReport::head_row(const HeadKey& key, const Head& head) const {
  std::string name(attention_kind_key(key.kind));
  std::replace(name.begin(), name.end(), '_', ' ');
  auto which = [](int value) {
    return value == 0 ? std::string("mean") : fmt::format("{}", value);
  };
  std::string row = fmt::format("{:<13}{:>5}{:>6}{:>8}{:>9}{:>8}{:>8}{:>8}", name, which(key.layer),
                                which(key.head), cell(head.spread.mass()),
                                cell(head.spread.entropy()), cell(head.spread.entropy_share()),
                                cell(head.spread.top1()), cell(head.spread.top3()));
  bool cross = key.kind == AttentionKind::kCross;
  row += fmt::format("{:>10}{:>10}", cross ? cell(head.path.monotonicity()) : "-",
                     cross ? cell(head.path.coverage()) : "-");
  if (aligned_) {
    row += cross ? fmt::format("{:>8.3f}{:>11.3f}{:>8.3f}", head.alignment.error_rate(),
                               head.alignment.precision(), head.alignment.recall())
                 : fmt::format("{:>8}{:>11}{:>8}", "-", "-", "-");
  }
  return row + "\n";
}

std::string AttentionReport::senses_text() const {
  if (senses_.total() == 0) return "";
  std::string text = fmt::format(
      "\nword senses: {} ambiguous words, {} right ({:.1f}%), {} wrong, {} neither\n",
      senses_.total(), senses_.right, 100 * senses_.accuracy(), senses_.wrong, senses_.neither);
  auto all = heads_.find({AttentionKind::kCross, 0, 0});
  if (all == heads_.end() || all->second.right.words + all->second.wrong.words == 0) return text;
  return text + "attention as they were translated (mean of all heads):\n" +
         attended("right", all->second.right) + attended("wrong", all->second.wrong);
}

std::string AttentionReport::table() const {
  std::string text =
      fmt::format("{:<13}{:>5}{:>6}{:>8}{:>9}{:>8}{:>8}{:>8}{:>10}{:>10}", "attention", "layer",
                  "head", "mass", "entropy", "/ ln S", "top 1", "top 3", "monotone", "coverage");
  if (aligned_) text += fmt::format("{:>8}{:>11}{:>8}", "AER", "precision", "recall");
  text += "\n";
  for (const auto& [key, head] : heads_) text += head_row(key, head);
  return text + senses_text();
}

}  // namespace heed
