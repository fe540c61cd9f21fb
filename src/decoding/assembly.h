// From what a search has found to translations: text, unknown words, minimum Bayes risk, parts
// joined.
#pragma once

#include <vector>

#include "decoding/preparation.h"
#include "decoding/translation.h"

namespace heed {

class Assembly {
 public:
  // All of them must live as long.
  Assembly(const Tokenizers& tokenizers, const SearchOptions& options, const LineOptions& lines)
      : tokenizers_(tokenizers), options_(options), lines_(lines) {}

  // The translation that one hypothesis of a part reads as.
  Translation translation(const Hypothesis& hypothesis, const Part& part) const;
  // What the search for a part's translation has come to.
  Draft draft(const SearchNews& news) const;
  // Those of a line from its parts' hypotheses, best first, at most `n_best`; lines in several
  // parts have one that joins the best of each. A line without parts has one empty translation.
  std::vector<Translation> operator()(const std::vector<Part>& parts,
                                      const std::vector<std::vector<Hypothesis>>& found,
                                      int64_t n_best) const;
  // Notes how a part's best hypothesis ended.
  void note_end(const Hypothesis& best, const Part& part, TranslationNotes& notes) const;

 private:
  std::vector<Translation> of_part(const std::vector<Hypothesis>& found, const Part& part,
                                   int64_t n_best) const;
  size_t fixed_pieces(const std::vector<int32_t>& ids, size_t count) const;
  void replace_unknown_words(const Hypothesis& hypothesis, const Part& part,
                             Translation& translation) const;

  const Tokenizers& tokenizers_;
  const SearchOptions& options_;
  const LineOptions& lines_;
};

}  // namespace heed
