// chrF (Popovic 2015) and chrF++ (Popovic 2017): F-scores of character and word n-grams, as
// sacreBLEU computes them.
#pragma once

#include "evaluation/metric.h"

namespace heed {

struct ChrfOptions {
  int char_order = 6;  // 0 to 16
  int word_order = 0;  // 0 to 16; 2 makes it chrF++
  int beta = 2;        // recall weighs beta times as much as precision
  bool lowercase = false;
  bool whitespace = false;     // white space counts among the characters
  bool eps_smoothing = false;  // as chrF++.py, NLTK and Moses do, in place of the effective order
};

// Its Counts: for each order, characters then words: n-grams of the hypothesis, of the reference,
// matched; of the reference with the best F-score.
class Chrf : public Metric {
 public:
  // Throws UsageError for an order or a beta out of range.
  explicit Chrf(ChrfOptions options = {});

  std::string name() const override;  // "chrF2", "chrF2++"
  Counts statistics(std::string_view hypothesis,
                    std::span<const std::string_view> references) const override;
  Score score(const Counts& counts) const override;
  double resampled_score(std::span<const float> counts) const override;
  bool resamples_in_single_precision() const override { return true; }

 protected:
  std::vector<SignatureField> signature_fields() const override;

 private:
  template <typename Real>
  Real f_score(std::span<const Real> counts) const;

  ChrfOptions options_;
};

}  // namespace heed
