// What BLEU, chrF and TER have in common: counts per segment, a score from their sum, and the forms
// in which sacreBLEU prints a score. Every number equals sacreBLEU's to the printed digit.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace heed {

// Mean of the resampled scores, and half the width of their middle 95%.
struct Confidence {
  double mean = 0, half_width = 0;
};

struct Score {
  std::string name;     // "BLEU", "chrF2++", "TER"
  double score = 0;     // from 0 to 100; TER has no upper end
  std::string verbose;  // what follows the score in the text line, e.g. BLEU's precisions; or empty
  std::optional<Confidence> confidence;
};

struct FormatOptions {
  int width = 2;            // digits behind the point; sacreBLEU's command line has 1 by default
  bool score_only = false;  // text: the number and its confidence, nothing else
};

// "BLEU|nrefs:1|...|version:... = 38.25 70.1/... (BP = ...)".
std::string score_line(const Score& score, const std::string& signature,
                       const FormatOptions& options = {});
// The object that `sacrebleu --format json` prints; dump(1) gives its layout.
nlohmann::ordered_json score_json(const Score& score, const std::string& signature,
                                  const FormatOptions& options = {});

// How a score was made, beyond the metric's own options.
struct SignatureContext {
  int references = 1;     // per segment; -1 where the number varies
  int bootstrap = 0;      // resamples, where a confidence or a paired bootstrap was asked for
  int randomization = 0;  // trials of paired approximate randomization
  int64_t seed = 12345;   // in the signature only with one of the two above
  bool short_names = false;
};

struct SignatureField {
  std::string name, short_name, value;
};

// The sufficient statistics of a segment, or their sum over several: whole numbers, but for TER's
// mean reference length.
using Counts = std::vector<double>;

// Counts of many segments, a row each.
class CountTable {
 public:
  void append(const Counts& row);
  size_t rows() const { return width_ == 0 ? 0 : values_.size() / width_; }
  size_t width() const { return width_; }
  std::span<const double> row(size_t index) const { return {&values_[index * width_], width_}; }
  Counts sum() const;

 private:
  size_t width_ = 0;
  std::vector<double> values_;
};

using Lines = std::vector<std::string>;

class Metric {
 public:
  virtual ~Metric() = default;
  virtual std::string name() const = 0;

  // Of one segment. Throws Error without a reference.
  virtual Counts statistics(std::string_view hypothesis,
                            std::span<const std::string_view> references) const = 0;
  virtual Score score(const Counts& counts) const = 0;
  // The score of summed counts in single precision: sacreBLEU resamples with NumPy's float32.
  virtual double resampled_score(std::span<const float> counts) const = 0;
  // Whether resampled_score() itself is a float32 in sacreBLEU (mean and interval then are too).
  virtual bool resamples_in_single_precision() const = 0;

  // `references[set][segment]`. Both throw Error with the counts where a set's length differs from
  // the hypotheses', where there are no hypotheses, or no set of references.
  Score corpus(const Lines& hypotheses, const std::vector<Lines>& references) const;
  CountTable segment_counts(const Lines& hypotheses, const std::vector<Lines>& references) const;

  Score sentence(std::string_view hypothesis, const std::vector<std::string>& references) const;

  // "nrefs:1|case:mixed|...|version:2.6.0+heed.0.1.0", without the metric's name.
  std::string signature(const SignatureContext& context = {}) const;

 protected:
  virtual std::vector<SignatureField> signature_fields() const = 0;
  // Warns of suspicious input; `references[set][segment]`, at least one set.
  virtual void inspect(const Lines& hypotheses, const std::vector<Lines>& references) const;
  void check_references(size_t count) const;

 private:
  template <typename Use>
  void for_each_segment(const Lines& hypotheses, const std::vector<Lines>& references,
                        Use use) const;
};

}  // namespace heed
