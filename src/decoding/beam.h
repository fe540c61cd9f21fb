// The hypotheses of one sentence (or of one group of a diverse beam, or one sample): which
// continuations stay, which have ended, and when no better one can come. Knows no model.
#pragma once

#include <vector>

#include "decoding/score.h"
#include "decoding/search.h"

namespace heed {

// A live hypothesis's continuation: which one it goes on from, with which piece.
struct Candidate {
  int64_t parent;  // index of the live hypothesis
  int32_t id;
  double log_probability;  // of the whole continuation
};
using Candidates = std::vector<Candidate>;

// What the model said of a beam's live hypotheses at this step.
struct BeamStep {
  // log P of the end symbol for each of them, whatever the rules say of it.
  std::vector<float> end;
  // Their cross-attention over the source's pieces and its end symbol; empty unless wanted. The
  // numbers must live as long as the beam.
  AttentionRows attention;
};

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
  int64_t width() const { return static_cast<int64_t>(live_.size()); }
  // Pieces of each live hypothesis.
  int64_t length() const { return length_; }
  double log_probability(int64_t live) const { return live_[live].log_probability; }
  int32_t last(int64_t live) const { return nodes_[live_[live].node].id; }
  std::vector<int32_t> ids(int64_t live) const { return ids_of(live_[live].node); }

  // Takes the candidates, best first: up to `size` of them live on, and an end symbol among the
  // first `size` ends a hypothesis. Returns the parents of the live ones, none once the beam is
  // done. Hypotheses that may not grow, at the length limit or because nothing is allowed, are cut:
  // they get the end symbol at its own probability, so that all scores compare.
  std::vector<int64_t> advance(const Candidates& candidates, const BeamStep& step);

  // What has ended so far.
  std::vector<Hypothesis> finished() const;

 private:
  // A piece of one or more hypotheses, and what stands before it.
  struct Node {
    int32_t before;  // index of a node; -1: the beginning
    int32_t id;
    std::span<const float> attention;
  };
  struct Live {
    int32_t node = -1;
    double log_probability = 0, score = 0;
  };
  struct Finished {
    int32_t node;  // the end symbol's
    double log_probability, score;
    bool ended;
  };
  int32_t add_node(const Candidate& candidate, const BeamStep& step);
  void finish(const Candidate& candidate, const BeamStep& step, bool ended);
  void cut(const std::vector<bool>& ended, const BeamStep& step);
  bool is_done() const;
  std::vector<int32_t> path_to(int32_t node) const;  // nodes, from the first piece on
  std::vector<int32_t> ids_of(int32_t node) const;

  BeamPlan plan_;
  int32_t end_;
  const SearchOptions* options_;
  int64_t length_ = 0;
  std::vector<Node> nodes_;  // hypotheses share their beginnings
  std::vector<Live> live_{Live{}};
  std::vector<Finished> finished_;
};

}  // namespace heed
