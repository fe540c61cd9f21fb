#include "decoding/beam.h"

#include <algorithm>
#include <cmath>

namespace heed {

std::vector<int64_t> Beam::advance(const Candidates& candidates, const BeamStep& step) {
  bool at_limit = length_ >= plan_.max_length;
  std::vector<Live> next;
  std::vector<int64_t> parents;
  std::vector<bool> ended(live_.size(), false);
  auto size = static_cast<size_t>(plan_.size);
  for (size_t rank = 0; rank < candidates.size() && next.size() < size; ++rank) {
    const Candidate& candidate = candidates[rank];
    if (candidate.id == end_) {
      if (rank >= size) continue;
      finish(candidate, step, true);
      ended[candidate.parent] = true;
    } else if (!at_limit) {
      double score =
          length_normalised(candidate.log_probability, length_ + 1, options_->length_penalty);
      next.push_back({add_node(candidate, step), candidate.log_probability, score});
      parents.push_back(candidate.parent);
    }
  }
  if (next.empty()) cut(ended, step);
  live_ = std::move(next);
  ++length_;
  if (!is_done()) return parents;
  live_.clear();
  return {};
}

int32_t Beam::add_node(const Candidate& candidate, const BeamStep& step) {
  nodes_.push_back({live_[candidate.parent].node, candidate.id, {}});
  if (!step.attention.empty()) nodes_.back().attention = step.attention[candidate.parent];
  return static_cast<int32_t>(nodes_.size()) - 1;
}

void Beam::finish(const Candidate& candidate, const BeamStep& step, bool ended) {
  int32_t node = add_node(candidate, step);
  AttentionRows attention;
  if (options_->coverage_penalty > 0) {
    for (int32_t piece : path_to(node)) attention.push_back(nodes_[piece].attention);
  }
  double score = hypothesis_score(*options_, candidate.log_probability, length_ + 1, attention);
  finished_.push_back({node, candidate.log_probability, score, ended});
}

void Beam::cut(const std::vector<bool>& ended, const BeamStep& step) {
  for (int64_t i = 0; i < width(); ++i) {
    if (ended[i]) continue;
    // A model whose training has blown up gives no probability at all: what there is must do.
    double end = std::isfinite(step.end[i]) ? step.end[i] : 0;
    finish({i, end_, live_[i].log_probability + end}, step, false);
  }
}

bool Beam::is_done() const {
  if (live_.empty()) return true;
  if (plan_.size == 1) return !finished_.empty();  // greedy search and samples go one way alone
  bool exact = options_->early_stopping == "exact";
  int64_t wanted = exact ? std::min(options_->n_best, plan_.size) : plan_.size;
  if (static_cast<int64_t>(finished_.size()) < wanted) return false;
  std::vector<double> scores;
  for (const Finished& one : finished_) scores.push_back(one.score);
  auto last = scores.begin() + wanted - 1;
  std::nth_element(scores.begin(), last, scores.end(), std::greater<>());
  return std::none_of(live_.begin(), live_.end(), [&](const Live& live) {
    double best = exact ? score_bound(*options_, live.log_probability, length_, plan_.max_length)
                        : live.score;
    return best > *last;
  });
}

std::vector<int32_t> Beam::path_to(int32_t node) const {
  std::vector<int32_t> path;
  for (; node >= 0; node = nodes_[node].before) path.push_back(node);
  std::ranges::reverse(path);
  return path;
}

std::vector<int32_t> Beam::ids_of(int32_t node) const {
  std::vector<int32_t> ids = path_to(node);
  for (int32_t& id : ids) id = nodes_[id].id;
  return ids;
}

std::vector<Hypothesis> Beam::finished() const {
  std::vector<Hypothesis> all;
  for (const Finished& one : finished_) {
    Hypothesis hypothesis{.ids = ids_of(nodes_[one.node].before),
                          .log_probability = one.log_probability,
                          .score = one.score,
                          .ended = one.ended,
                          .attention = {}};
    for (int32_t piece : path_to(one.node)) {
      auto row = nodes_[piece].attention;
      if (!row.empty()) hypothesis.attention.emplace_back(row.begin(), row.end());
    }
    all.push_back(std::move(hypothesis));
  }
  return all;
}

}  // namespace heed
