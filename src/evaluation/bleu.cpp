#include "evaluation/bleu.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include "evaluation/ngrams.h"
#include "evaluation/script.h"
#include "evaluation/segment_text.h"
#include "util/error.h"
#include "util/log.h"
#include "util/text.h"

namespace heed {
namespace {

constexpr int kHighestOrder = 16;
constexpr double kMostSmoothing = 1e9;         // more than any text has n-grams
constexpr const char* kWordTokenizer = "13a";  // what suits texts with spaces between words
// This many hypotheses that end in " ." look like tokenised text.
constexpr size_t kTokenizedLines = 100;

// Kept between segments so that scoring allocates little.
struct Workspace {
  std::string hypothesis_text, reference_text;
  std::vector<std::string_view> hypothesis_words, reference_words;
  std::vector<uint32_t> hypothesis;
  std::vector<std::vector<uint32_t>> references;
  WordIds ids;
  NgramTable ngrams;
};

int64_t closest_length(int64_t length, const std::vector<std::vector<uint32_t>>& references) {
  auto order = [&](int64_t candidate) {
    return std::pair(std::abs(length - candidate), candidate);
  };
  auto best = static_cast<int64_t>(references[0].size());
  for (const std::vector<uint32_t>& reference : references) {
    auto candidate = static_cast<int64_t>(reference.size());
    if (order(candidate) < order(best)) best = candidate;
  }
  return best;
}

double length_ratio(const BleuScore& score) {
  if (score.reference_length == 0) return 0;
  return static_cast<double>(score.hypothesis_length) / static_cast<double>(score.reference_length);
}

double brevity_penalty(const BleuScore& score) {
  if (score.hypothesis_length >= score.reference_length) return 1;
  if (score.hypothesis_length == 0) return 0;
  return std::exp(1 - static_cast<double>(score.reference_length) /
                          static_cast<double>(score.hypothesis_length));
}

// log 0 is a large negative number, so that a mean with it has exponential 0.
double floored_log(double value) { return value == 0 ? -9999999999.0 : std::log(value); }

}  // namespace

Bleu::Bleu(BleuOptions options) : options_(std::move(options)) {
  const std::vector<std::string> methods = {"none", "floor", "add-k", "exp"};
  auto method = std::find(methods.begin(), methods.end(), options_.smooth_method);
  if (method == methods.end()) {
    fail_usage("smooth_method = {}: unknown smoothing; choose one of {}", options_.smooth_method,
               join(methods, ", "));
  }
  smoothing_ = static_cast<Smoothing>(method - methods.begin());
  smooth_value_ = options_.smooth_value.value_or(smoothing_ == Smoothing::kFloor ? 0.1 : 1.0);
  if (!(smooth_value_ >= 0 && smooth_value_ <= kMostSmoothing)) {
    fail_usage("smooth_value = {}: must be from 0 to {} (floor: 0.1 by default, add-k: 1)",
               smooth_value_, kMostSmoothing);
  }
  if (options_.max_order < 1 || options_.max_order > kHighestOrder) {
    fail_usage("max_order = {}: must be from 1 to {} (4 by default)", options_.max_order,
               kHighestOrder);
  }
  tokenizer_ =
      options_.encode ? make_piece_tokenizer(options_.encode) : make_tokenizer(options_.tokenize);
}

void Bleu::split_tokens(std::string_view line, std::string& spaced,
                        std::vector<std::string_view>& words) const {
  if (options_.lowercase) {
    tokenizer_(strip_end(to_lower(line)), spaced);
  } else {
    tokenizer_(strip_end(line), spaced);
  }
  split_on_spaces(spaced, words);
}

Counts Bleu::statistics(std::string_view hypothesis,
                        std::span<const std::string_view> references) const {
  check_references(references.size());
  thread_local Workspace work;
  split_tokens(hypothesis, work.hypothesis_text, work.hypothesis_words);
  work.ids.reset(work.hypothesis_words.size());
  work.hypothesis.clear();
  for (std::string_view word : work.hypothesis_words) work.hypothesis.push_back(work.ids.add(word));

  work.references.resize(references.size());
  for (size_t i = 0; i < references.size(); ++i) {
    split_tokens(references[i], work.reference_text, work.reference_words);
    work.references[i].clear();
    for (std::string_view word : work.reference_words) {
      work.references[i].push_back(work.ids.find(word));
    }
  }

  const int orders = options_.max_order;
  std::array<int64_t, kHighestOrder> correct{};
  work.ngrams.fill(work.hypothesis, orders);
  work.ngrams.match(work.references, correct);

  auto length = static_cast<int64_t>(work.hypothesis.size());
  Counts counts(2 + 2 * orders);
  counts[0] = static_cast<double>(length);
  counts[1] = static_cast<double>(closest_length(length, work.references));
  for (int n = 0; n < orders; ++n) {
    counts[2 + n] = static_cast<double>(correct[n]);
    counts[2 + orders + n] = static_cast<double>(std::max<int64_t>(0, length - n));
  }
  return counts;
}

template <typename Real>
BleuScore Bleu::compute(std::span<const Real> counts) const {
  const int orders = options_.max_order;
  auto correct = std::vector<Real>(counts.begin() + 2, counts.begin() + 2 + orders);
  auto total = std::vector<Real>(counts.begin() + 2 + orders, counts.begin() + 2 + 2 * orders);
  BleuScore out;
  out.hypothesis_length = static_cast<int64_t>(counts[0]);
  out.reference_length = static_cast<int64_t>(counts[1]);
  out.ratio = length_ratio(out);
  out.brevity_penalty = brevity_penalty(out);
  out.precisions.assign(orders, 0.0);
  bool any = std::any_of(correct.begin(), correct.end(), [](Real c) { return c != 0; });
  int effective = orders;
  Real halvings = 1;
  for (int n = 0; any && n < orders; ++n) {
    if (smoothing_ == Smoothing::kAddK && n > 0) {
      correct[n] += static_cast<Real>(smooth_value_);
      total[n] += static_cast<Real>(smooth_value_);
    }
    if (total[n] == 0) break;
    if (options_.effective_order) effective = n + 1;
    if (correct[n] != 0) {
      out.precisions[n] = Real(100) * correct[n] / total[n];
    } else if (smoothing_ == Smoothing::kExp) {
      halvings *= 2;
      out.precisions[n] = Real(100) / (halvings * total[n]);
    } else if (smoothing_ == Smoothing::kFloor) {
      out.precisions[n] = static_cast<Real>(100 * smooth_value_) / total[n];
    }
  }
  out.correct.assign(correct.begin(), correct.end());
  out.total.assign(total.begin(), total.end());
  if (!any) return out;
  double logs = 0;
  for (int n = 0; n < effective; ++n) logs += floored_log(out.precisions[n]);
  out.score = out.brevity_penalty * std::exp(logs / effective);
  return out;
}

BleuScore Bleu::details(const Counts& counts) const {
  return compute<double>(std::span<const double>(counts));
}

double Bleu::resampled_score(std::span<const float> counts) const {
  return compute<float>(counts).score;
}

Score Bleu::score(const Counts& counts) const {
  BleuScore bleu = details(counts);
  std::vector<std::string> precisions;
  for (double precision : bleu.precisions) precisions.push_back(fmt::format("{:.1f}", precision));
  Score out;
  out.name = name();
  out.score = bleu.score;
  out.verbose = fmt::format("{} (BP = {:.3f} ratio = {:.3f} hyp_len = {} ref_len = {})",
                            join(precisions, "/"), bleu.brevity_penalty, bleu.ratio,
                            bleu.hypothesis_length, bleu.reference_length);
  return out;
}

std::vector<SignatureField> Bleu::signature_fields() const {
  std::string smoothing = options_.smooth_method;
  if (smoothing_ == Smoothing::kFloor || smoothing_ == Smoothing::kAddK) {
    smoothing += fmt::format("[{:.2f}]", smooth_value_);
  }
  return {{"case", "c", options_.lowercase ? "lc" : "mixed"},
          {"eff", "e", options_.effective_order ? "yes" : "no"},
          {"tok", "tok", options_.tokenize},
          {"smooth", "s", smoothing}};
}

void Bleu::inspect(const Lines& hypotheses, const std::vector<Lines>& references) const {
  if (options_.force) return;
  std::string suited = tokenizer_for(references[0]);
  if (suited != kWordTokenizer && parts_at_spaces(options_.tokenize)) {
    log_warning(
        "BLEU: the references are written without spaces between words, and tokenize = {} takes "
        "what has no space in it for one word; set --tokenize {} (--force silences this)",
        options_.tokenize, suited);
  }
  auto tokenized = std::count_if(hypotheses.begin(), hypotheses.end(),
                                 [](const std::string& line) { return line.ends_with(" ."); });
  if (static_cast<size_t>(tokenized) < kTokenizedLines) return;
  log_warning(
      "BLEU: {} of {} hypotheses end in a tokenised period (\" .\"); score detokenised text, or "
      "the "
      "score is not comparable (--force silences this)",
      tokenized, hypotheses.size());
}

}  // namespace heed
