#include "evaluation/chrf.h"

#include <array>

#include "evaluation/ngrams.h"
#include "evaluation/segment_text.h"
#include "util/error.h"
#include "util/text.h"

namespace heed {
namespace {

constexpr int kHighestChrfOrder = 16;
constexpr std::string_view kPunctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

bool is_punctuation(char c) { return kPunctuation.find(c) != std::string_view::npos; }

// Code points plus 1, so that none is 0.
void read_characters(std::string_view line, bool whitespace, std::vector<uint32_t>& out) {
  out.clear();
  for (size_t at = 0; at < line.size();) {
    if (!whitespace) {
      if (int bytes = python_space_bytes(line, at)) {
        at += bytes;
        continue;
      }
    }
    if (auto byte = static_cast<unsigned char>(line[at]); byte < 0x80) {
      out.push_back(byte + 1);
      ++at;
      continue;
    }
    DecodedChar c = decode_utf8(line, at);
    out.push_back(c.code_point + 1);
    at += c.bytes;
  }
}

// Words with one punctuation mark at the end, else one at the start, taken apart: "(hi)" gives
// "(hi" and ")", as in the reference implementation.
void read_words(std::string_view line, std::vector<std::string_view>& scratch,
                std::vector<std::string_view>& words) {
  split_on_spaces(line, scratch);
  words.clear();
  for (std::string_view word : scratch) {
    size_t last = word.size() - 1;
    if (last > 0 && is_punctuation(word[last])) {
      words.push_back(word.substr(0, last));
      words.push_back(word.substr(last));
    } else if (last > 0 && is_punctuation(word[0])) {
      words.push_back(word.substr(0, 1));
      words.push_back(word.substr(1));
    } else {
      words.push_back(word);
    }
  }
}

// The n-grams of one hypothesis, to be matched with one reference after the other. Kept between
// segments so that scoring allocates little.
class NgramMatcher {
 public:
  void set_hypothesis(std::string_view line, const ChrfOptions& options) {
    options_ = options;
    line = prepare(line, hypothesis_text_);
    read_characters(line, options.whitespace, symbols_);
    character_count_ = symbols_.size();
    characters_.fill(symbols_, options.char_order);
    if (options.word_order == 0) return;
    read_words(line, scratch_, hypothesis_words_);
    ids_.reset(hypothesis_words_.size());
    symbols_.clear();
    for (std::string_view word : hypothesis_words_) symbols_.push_back(ids_.add(word));
    words_.fill(symbols_, options.word_order);
  }

  Counts match(std::string_view reference) {
    Counts counts;
    counts.reserve(3 * (options_.char_order + options_.word_order));
    reference = prepare(reference, reference_text_);
    read_characters(reference, options_.whitespace, symbols_);
    append_matches(characters_, character_count_, options_.char_order, counts);
    if (options_.word_order == 0) return counts;
    read_words(reference, scratch_, reference_words_);
    symbols_.clear();
    for (std::string_view word : reference_words_) symbols_.push_back(ids_.find(word));
    append_matches(words_, hypothesis_words_.size(), options_.word_order, counts);
    return counts;
  }

 private:
  std::string_view prepare(std::string_view line, std::string& lowered) const {
    if (!options_.lowercase) return line;
    lowered = to_lower(line);
    return lowered;
  }

  // Of the reference in symbols_: orders 1 to `order` of one kind of n-gram, three counts each.
  void append_matches(NgramTable& table, size_t hypothesis_length, int order, Counts& counts) {
    std::array<int64_t, kHighestChrfOrder> matches{};
    table.match({&symbols_, 1}, matches);
    auto ngrams = [](size_t length, size_t n) {
      return length >= n ? static_cast<double>(length - n + 1) : 0.0;
    };
    for (size_t n = 1; n <= static_cast<size_t>(order); ++n) {
      double in_reference = ngrams(symbols_.size(), n);
      // An order that the reference is too short for counts no hypothesis n-grams either.
      counts.push_back(in_reference > 0 ? ngrams(hypothesis_length, n) : 0);
      counts.push_back(in_reference);
      counts.push_back(static_cast<double>(matches[n - 1]));
    }
  }

  ChrfOptions options_;
  std::string hypothesis_text_, reference_text_;
  std::vector<std::string_view> scratch_, hypothesis_words_, reference_words_;
  std::vector<uint32_t> symbols_;
  size_t character_count_ = 0;
  WordIds ids_;
  NgramTable characters_, words_;
};

void check_order(const char* key, int order) {
  if (order >= 0 && order <= kHighestChrfOrder) return;
  fail_usage("{} = {}: must be from 0 to {}", key, order, kHighestChrfOrder);
}

}  // namespace

Chrf::Chrf(ChrfOptions options) : options_(options) {
  check_order("char_order", options_.char_order);
  check_order("word_order", options_.word_order);
  if (options_.char_order + options_.word_order == 0) {
    fail_usage("char_order = 0 and word_order = 0: nothing to count; set one of them above 0");
  }
  if (options_.beta < 1) fail_usage("beta = {}: must be 1 or more (2 by default)", options_.beta);
}

std::string Chrf::name() const {
  return fmt::format("chrF{}{}", options_.beta, std::string(options_.word_order, '+'));
}

Counts Chrf::statistics(std::string_view hypothesis,
                        std::span<const std::string_view> references) const {
  check_references(references.size());
  thread_local NgramMatcher matcher;
  matcher.set_hypothesis(hypothesis, options_);
  Counts best;
  double best_score = -1;
  for (std::string_view reference : references) {
    Counts counts = matcher.match(reference);
    double score = f_score<double>(counts);
    if (score > best_score) {
      best_score = score;
      best = std::move(counts);
    }
  }
  return best;
}

// The order of operations is sacreBLEU's, so that the last digit is too.
template <typename Real>
Real Chrf::f_score(std::span<const Real> counts) const {
  const Real epsilon = static_cast<Real>(1e-16),
             factor = static_cast<Real>(options_.beta) * static_cast<Real>(options_.beta);
  Real smoothed = 0, mean_precision = 0, mean_recall = 0;
  int effective_order = 0;
  for (size_t i = 0; i + 2 < counts.size(); i += 3) {
    Real in_hypothesis = counts[i], in_reference = counts[i + 1], matched = counts[i + 2];
    Real precision = in_hypothesis > 0 ? matched / in_hypothesis : epsilon;
    Real recall = in_reference > 0 ? matched / in_reference : epsilon;
    Real denominator = factor * precision + recall;
    smoothed += denominator > 0 ? (1 + factor) * precision * recall / denominator : epsilon;
    if (in_hypothesis > 0 && in_reference > 0) {
      mean_precision += precision;
      mean_recall += recall;
      ++effective_order;
    }
  }
  if (options_.eps_smoothing) {
    return 100 * smoothed / static_cast<Real>(options_.char_order + options_.word_order);
  }
  if (effective_order == 0) return 0;
  mean_precision /= static_cast<Real>(effective_order);
  mean_recall /= static_cast<Real>(effective_order);
  if (mean_precision + mean_recall == 0) return 0;
  Real score = (1 + factor) * mean_precision * mean_recall;
  score /= factor * mean_precision + mean_recall;
  return 100 * score;
}

Score Chrf::score(const Counts& counts) const {
  return {name(), f_score<double>(counts), "", std::nullopt};
}

double Chrf::resampled_score(std::span<const float> counts) const { return f_score<float>(counts); }

std::vector<SignatureField> Chrf::signature_fields() const {
  return {{"case", "c", options_.lowercase ? "lc" : "mixed"},
          {"eff", "e", options_.eps_smoothing ? "no" : "yes"},
          {"nc", "nc", std::to_string(options_.char_order)},
          {"nw", "nw", std::to_string(options_.word_order)},
          {"space", "s", options_.whitespace ? "yes" : "no"}};
}

}  // namespace heed
