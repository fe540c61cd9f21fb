// TER, translation edit rate (Snover et al. 2006), as sacreBLEU and Tercom compute it. Lower is
// better.
#pragma once

#include "evaluation/metric.h"

namespace heed {

struct TerOptions {
  bool normalized = false;     // tokenise punctuation and undo XML escapes
  bool no_punct = false;       // drop punctuation
  bool asian_support = false;  // with the two above: Asian characters and punctuation as well
  bool case_sensitive = false;
};

// Its Counts: the fewest edits to any reference, the references' mean length in words.
class Ter : public Metric {
 public:
  explicit Ter(TerOptions options = {}) : options_(options) {}

  std::string name() const override { return "TER"; }
  Counts statistics(std::string_view hypothesis,
                    std::span<const std::string_view> references) const override;
  Score score(const Counts& counts) const override;
  double resampled_score(std::span<const float> counts) const override;
  bool resamples_in_single_precision() const override { return true; }

  // The line as Tercom's normaliser leaves it; white space is not yet squeezed.
  std::string normalize(std::string_view line) const;

 protected:
  std::vector<SignatureField> signature_fields() const override;

 private:
  TerOptions options_;
};

}  // namespace heed
