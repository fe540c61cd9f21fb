#include "decoding/rules.h"

#include <algorithm>

#include "decoding/phrases.h"

namespace heed {
namespace {

class NoSpecialPieces : public Rule {
 public:
  explicit NoSpecialPieces(const SpecialIds& special) : special_(special) {}
  void bar(int64_t, std::vector<int64_t>& pieces) const override {
    if (special_.begin >= 0 && special_.begin != special_.end) pieces.push_back(special_.begin);
    if (special_.pad != special_.end) pieces.push_back(special_.pad);
  }

 private:
  SpecialIds special_;
};

class NoUnknown : public Rule {
 public:
  explicit NoUnknown(int32_t unknown) : unknown_(unknown) {}
  void bar(int64_t, std::vector<int64_t>& pieces) const override { pieces.push_back(unknown_); }

 private:
  int32_t unknown_;
};

class MinimumLength : public Rule {
 public:
  MinimumLength(int64_t length, int32_t end) : length_(length), end_(end) {}
  void bar(int64_t length, std::vector<int64_t>& pieces) const override {
    if (length < length_) pieces.push_back(end_);
  }

 private:
  int64_t length_;
  int32_t end_;
};

// A rule on each row by what stands in it so far.
class RowRule : public Rule {
 public:
  bool needs_whole_rows() const override { return true; }
};

class NoRepeatedNgrams : public RowRule {
 public:
  explicit NoRepeatedNgrams(int64_t size) : size_(size) {}
  void apply(const RowSoFar& row, std::span<const float>, std::span<float> allowed) const override {
    const std::vector<int32_t>& ids = row.ids;
    int64_t length = std::ssize(ids);
    if (length < size_ - 1) return;
    auto tail = ids.end() - (size_ - 1);
    for (int64_t start = 0; start + size_ <= length; ++start) {
      if (std::equal(tail, ids.end(), ids.begin() + start)) {
        allowed[ids[start + size_ - 1]] = kForbidden;
      }
    }
  }

 private:
  int64_t size_;
};

class CompletePhrases : public RowRule {
 public:
  explicit CompletePhrases(int32_t end) : end_(end) {}
  void apply(const RowSoFar& row, std::span<const float>, std::span<float> allowed) const override {
    if (!phrase_progress(row.demand->phrases, row.ids).complete) allowed[end_] = kForbidden;
  }

 private:
  int32_t end_;
};

class ForcedPrefix : public RowRule {
 public:
  void apply(const RowSoFar& row, std::span<const float> original,
             std::span<float> allowed) const override {
    const std::vector<int32_t>& prefix = row.demand->prefix;
    if (row.ids.size() >= prefix.size()) return;
    int32_t id = prefix[row.ids.size()];
    std::ranges::fill(allowed, kForbidden);
    allowed[id] = original[id];
  }
};

}  // namespace

std::unique_ptr<Rule> no_special_pieces(const SpecialIds& special) {
  return std::make_unique<NoSpecialPieces>(special);
}
std::unique_ptr<Rule> no_unknown(const SpecialIds& special) {
  return std::make_unique<NoUnknown>(special.unknown);
}
std::unique_ptr<Rule> minimum_length(int64_t length, const SpecialIds& special) {
  return std::make_unique<MinimumLength>(length, special.end);
}
std::unique_ptr<Rule> no_repeated_ngrams(int64_t size) {
  return std::make_unique<NoRepeatedNgrams>(size);
}
std::unique_ptr<Rule> complete_phrases(const SpecialIds& special) {
  return std::make_unique<CompletePhrases>(special.end);
}
std::unique_ptr<Rule> forced_prefix() { return std::make_unique<ForcedPrefix>(); }

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
