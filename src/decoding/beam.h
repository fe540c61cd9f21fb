// The hypotheses of one sentence (or of one group of a diverse beam, or one sample): which
// continuations stay, which have ended, and when no better one can come. Knows no model.
#pragma once

#include <span>
#include <vector>

#include "decoding/search.h"

namespace heed {

// A live hypothesis's continuation: which one it goes on from, with which piece.
struct Candidate {
  int64_t parent;  // index in Beam::live()
  int32_t id;
  double log_probability;  // of the whole continuation
};

// What the model said of a beam's live hypotheses at this step.
struct BeamStep {
  // log P of the end symbol for each of them, whatever the constraints say of it.
  std::vector<float> end;
  // Their cross-attention over the source's pieces and its end symbol; empty unless wanted.
  std::vector<std::span<const float>> attention;
};

// log P / |y|^A, plus coverage_penalty times Wu et al.'s coverage (2016, eq. 14) of an attention
// that has a row for each of the |y| pieces, the source's end symbol (the last column) left out.
double hypothesis_score(const Hypothesis& hypothesis, const SearchOptions& options);

// The best score that any continuation of at most `max_length` pieces can reach: its probability
// can only fall and its length only grow, so it is log P / (max_length + 1)^A, or with A < 0
// log P / (|y| + 1)^A. Coverage adds nothing above 0.
double score_bound(const Hypothesis& live, int64_t max_length, const SearchOptions& options);

struct BeamPlan {
  int64_t sentence;    // index in the batch
  int64_t group;       // of a diverse beam, or which sample
  int64_t size;        // hypotheses kept
  int64_t max_length;  // pieces, the end symbol not counted
};

class Beam {
 public:
  Beam(const BeamPlan& plan, int32_t end, const SearchOptions& options)
      : plan_(plan), end_(end), options_(&options) {}

  const BeamPlan& plan() const { return plan_; }
  const std::vector<Hypothesis>& live() const { return live_; }
  std::vector<Hypothesis>& finished() { return finished_; }
  // Pieces of each live hypothesis.
  int64_t length() const { return static_cast<int64_t>(live_[0].ids.size()); }

  // Takes the candidates, best first: up to `size` of them live on, and an end symbol among the
  // first `size` ends a hypothesis. Returns the parents of the live ones, none once the beam is
  // done. Hypotheses that may not grow, at the length limit or because nothing is allowed, are cut:
  // they get the end symbol at its own probability, so that all scores compare.
  std::vector<int64_t> advance(const std::vector<Candidate>& candidates, const BeamStep& step);

 private:
  Hypothesis extend(const Candidate& candidate, const BeamStep& step) const;
  void cut(const std::vector<bool>& ended, const BeamStep& step);
  bool is_done() const;

  BeamPlan plan_;
  int32_t end_;
  const SearchOptions* options_;
  std::vector<Hypothesis> live_{Hypothesis{}}, finished_;
};

}  // namespace heed
