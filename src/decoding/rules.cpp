#include "decoding/rules.h"

#include <algorithm>

#include "decoding/phrases.h"

namespace heed {

Rule no_special_pieces(const SpecialIds& special) {
  return {.bar = [special](int64_t, std::vector<int64_t>& pieces) {
    if (special.begin >= 0 && special.begin != special.end) pieces.push_back(special.begin);
    if (special.pad != special.end) pieces.push_back(special.pad);
  }};
}

Rule no_unknown(const SpecialIds& special) {
  return {.bar = [id = special.unknown](int64_t, std::vector<int64_t>& pieces) {
    pieces.push_back(id);
  }};
}

Rule minimum_length(int64_t least, const SpecialIds& special) {
  return {.bar = [least, end = special.end](int64_t length, std::vector<int64_t>& pieces) {
    if (length < least) pieces.push_back(end);
  }};
}

Rule no_repeated_ngrams(int64_t size) {
  return {.apply = [size](const RowSoFar& row, std::span<const float>, std::span<float> allowed) {
    const std::vector<int32_t>& ids = row.ids;
    int64_t length = std::ssize(ids);
    if (length < size - 1) return;
    auto tail = ids.end() - (size - 1);
    for (int64_t start = 0; start + size <= length; ++start) {
      if (std::equal(tail, ids.end(), ids.begin() + start)) {
        allowed[ids[start + size - 1]] = kForbidden;
      }
    }
  }};
}

Rule complete_phrases(const SpecialIds& special) {
  return {.apply = [end = special.end](const RowSoFar& row, std::span<const float>,
                                       std::span<float> allowed) {
    if (!phrase_progress(row.demand->phrases, row.ids).complete) allowed[end] = kForbidden;
  }};
}

Rule forced_prefix() {
  return {
      .apply = [](const RowSoFar& row, std::span<const float> original, std::span<float> allowed) {
        const std::vector<int32_t>& prefix = row.demand->prefix;
        if (row.ids.size() >= prefix.size()) return;
        int32_t id = prefix[row.ids.size()];
        std::ranges::fill(allowed, kForbidden);
        allowed[id] = original[id];
      }};
}

Rules make_rules(const SearchOptions& options, const SpecialIds& special,
                 const std::vector<Demand>& demands) {
  Rules rules;
  rules.push_back(no_special_pieces(special));
  if (!options.allow_unknown) rules.push_back(no_unknown(special));
  if (options.min_length > 0) rules.push_back(minimum_length(options.min_length, special));
  if (options.no_repeat_ngram > 0) rules.push_back(no_repeated_ngrams(options.no_repeat_ngram));
  auto has_phrases = [](const Demand& one) { return !one.phrases.empty(); };
  auto has_prefix = [](const Demand& one) { return !one.prefix.empty(); };
  if (std::ranges::any_of(demands, has_phrases)) rules.push_back(complete_phrases(special));
  if (std::ranges::any_of(demands, has_prefix)) rules.push_back(forced_prefix());
  return rules;
}

}  // namespace heed
