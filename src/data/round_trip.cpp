#include "data/round_trip.h"

#include <algorithm>

#include "util/log.h"
#include "util/text.h"

namespace heed {
namespace {

constexpr size_t kShownBytes = 30;

// With single spaces between words, and none around them.
std::string single_spaced(std::string_view text) { return join(split_words(text), " "); }

// Where two texts begin to differ: the start of a character in both.
size_t first_difference(std::string_view a, std::string_view b) {
  size_t at = std::ranges::mismatch(a, b).in1 - a.begin();
  return truncate_utf8(a, at).size();
}

}  // namespace

void RoundTrip::add(const Tokenizer& tokenizer, const std::string& text,
                    const std::vector<int32_t>& ids, std::string_view file, int64_t line) {
  ++texts;
  std::string back = tokenizer.decode(ids);
  if (back == text) return;
  std::string before = single_spaced(text), after = single_spaced(back);
  if (before == after) return;
  ++changed;
  if (std::ranges::count(ids, tokenizer.special().unknown) > 0) ++unknown;
  if (first.size() == kShown) return;
  size_t at = first_difference(before, after);
  first.push_back({fmt::format("{}:{}", file, line), printable(before.substr(at), kShownBytes),
                   printable(after.substr(at), kShownBytes)});
}

void RoundTrip::add(const RoundTrip& more) {
  texts += more.texts;
  changed += more.changed;
  unknown += more.unknown;
  for (const Change& change : more.first) {
    if (first.size() < kShown) first.push_back(change);
  }
}

void warn_of_changes(const RoundTrip& trip, std::string_view what, const TokenizerConfig& config) {
  if (trip.changed == 0) return;
  std::vector<std::string> shown, advice;
  for (const auto& change : trip.first) {
    shown.push_back(
        fmt::format("{} \"{}\" becomes \"{}\"", change.where, change.before, change.after));
  }
  bool learned = config.model.empty() && config.target_model.empty();
  if (trip.changed > trip.unknown) {
    advice.push_back(!learned
                         ? "the normalisation is the given SentencePiece model's: learn one with "
                           "heed tokenize train --normalization identity"
                     : config.normalization == "identity"
                         ? "\"\u2581\" stands for a space in every vocabulary: write another sign"
                         : fmt::format("[tokenizer] normalization = {} rewrites them: set it to "
                                       "identity",
                                       config.normalization));
  }
  if (trip.unknown > 0) {
    advice.push_back(
        fmt::format("{} have characters without a piece: {}", with_commas(trip.unknown),
                    learned ? "set [tokenizer] character_coverage = 1, or give them a training text"
                            : "learn the SentencePiece model from a text that has them"));
  }
  log_warning(
      "data: {} of {} {} do not come back from the vocabulary, so that no translation can be "
      "written so: {}; {}",
      with_commas(trip.changed), with_commas(trip.texts), what, join(shown, ", "),
      join(advice, "; "));
}

}  // namespace heed
