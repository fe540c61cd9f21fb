// BLEU (Papineni, Roukos, Ward and Zhu 2002), as sacreBLEU computes it (Post 2018).
#pragma once

#include "evaluation/metric.h"
#include "evaluation/tokenizers.h"

namespace heed {

struct BleuOptions {
  std::string tokenize =
      "13a";  // one of tokenizer_names(); with `encode`, its name in the signature
  bool lowercase = false;
  // For an n-gram order without a match: "none", "floor" (the count becomes the value), "add-k"
  // (the value is added to counts and totals above unigrams), "exp" (NIST's: 1/2, 1/4, ...). Chen
  // and Cherry 2014.
  std::string smooth_method = "exp";
  std::optional<double> smooth_value =
      {};  // floor: 0.1 unless given; add-k: 1; the others take none
  // Leaves out the orders that the hypothesis is too short for: set it to score single sentences.
  bool effective_order = false;
  int max_order = 4;         // 1 to 16
  bool force = false;        // no warnings about the texts
  PieceEncoder encode = {};  // where set, its pieces are the tokens
};

// What a score is made of.
struct BleuScore {
  double score = 0;
  std::vector<double> correct, total;  // n-grams, by order; add-k's value included
  std::vector<double> precisions;      // in percent, smoothed
  double brevity_penalty = 0, ratio = 0;
  int64_t hypothesis_length = 0, reference_length = 0;  // tokens
};

// Its Counts: tokens of the hypothesis, of the reference closest in length, matched n-grams by
// order, n-grams of the hypothesis by order.
class Bleu : public Metric {
 public:
  // Throws UsageError for an unknown tokeniser or smoothing, or a value out of range.
  explicit Bleu(BleuOptions options = {});

  std::string name() const override { return "BLEU"; }
  Counts statistics(std::string_view hypothesis,
                    std::span<const std::string_view> references) const override;
  Score score(const Counts& counts) const override;
  BleuScore details(const Counts& counts) const;
  double resampled_score(std::span<const float> counts) const override;
  bool resamples_in_single_precision() const override { return false; }

 protected:
  std::vector<SignatureField> signature_fields() const override;
  void inspect(const Lines& hypotheses, const std::vector<Lines>& references) const override;

 private:
  enum class Smoothing { kNone, kFloor, kAddK, kExp };
  template <typename Real>
  BleuScore compute(std::span<const Real> counts) const;
  void split_tokens(std::string_view line, std::string& spaced,
                    std::vector<std::string_view>& words) const;

  BleuOptions options_;
  Smoothing smoothing_ = Smoothing::kExp;
  double smooth_value_ = 0;
  SegmentTokenizer tokenizer_;
};

}  // namespace heed
