#include "decoding/beam.h"

#include <algorithm>
#include <cmath>

namespace heed {
namespace {

double penalised(double log_probability, int64_t length, double penalty) {
  return log_probability / std::pow(static_cast<double>(length), penalty);
}

// The sum of log min(attention received, 1) over the source's pieces.
double coverage(const std::vector<std::vector<float>>& attention) {
  constexpr double kNever = 1e-10;  // of a piece that got nothing at all: the logarithm is finite
  if (attention.empty()) return 0;
  double sum = 0;
  for (size_t i = 0; i + 1 < attention[0].size(); ++i) {
    double received = 0;
    for (const auto& row : attention) received += row[i];
    sum += std::log(std::clamp(received, kNever, 1.0));
  }
  return sum;
}

}  // namespace

double hypothesis_score(const Hypothesis& hypothesis, const SearchOptions& options) {
  auto length = static_cast<int64_t>(hypothesis.ids.size()) + 1;
  double score = penalised(hypothesis.log_probability, length, options.length_penalty);
  if (options.coverage_penalty == 0) return score;
  return score + options.coverage_penalty * coverage(hypothesis.attention);
}

double score_bound(const Hypothesis& live, int64_t max_length, const SearchOptions& options) {
  auto shortest = static_cast<int64_t>(live.ids.size()) + 1;
  int64_t length = options.length_penalty < 0 ? shortest : std::max(shortest, max_length + 1);
  return penalised(live.log_probability, length, options.length_penalty);
}

std::vector<int64_t> Beam::advance(const std::vector<Candidate>& candidates, const BeamStep& step) {
  bool at_limit = length() >= plan_.max_length;
  std::vector<Hypothesis> next;
  std::vector<int64_t> parents;
  std::vector<bool> ended(live_.size(), false);
  auto size = static_cast<size_t>(plan_.size);
  for (size_t rank = 0; rank < candidates.size() && next.size() < size; ++rank) {
    const Candidate& candidate = candidates[rank];
    if (candidate.id == end_) {
      if (rank >= size) continue;
      finished_.push_back(extend(candidate, step));
      ended[candidate.parent] = true;
    } else if (!at_limit) {
      next.push_back(extend(candidate, step));
      parents.push_back(candidate.parent);
    }
  }
  if (next.empty()) cut(ended, step);
  live_ = std::move(next);
  if (!is_done()) return parents;
  live_.clear();
  return {};
}

Hypothesis Beam::extend(const Candidate& candidate, const BeamStep& step) const {
  Hypothesis hypothesis = live_[candidate.parent];
  hypothesis.log_probability = candidate.log_probability;
  hypothesis.ended = candidate.id == end_;
  if (!step.attention.empty()) {
    auto row = step.attention[candidate.parent];
    hypothesis.attention.emplace_back(row.begin(), row.end());
  }
  if (hypothesis.ended) {
    hypothesis.score = hypothesis_score(hypothesis, *options_);
    return hypothesis;
  }
  hypothesis.ids.push_back(candidate.id);
  hypothesis.score =
      penalised(hypothesis.log_probability, static_cast<int64_t>(hypothesis.ids.size()),
                options_->length_penalty);
  return hypothesis;
}

void Beam::cut(const std::vector<bool>& ended, const BeamStep& step) {
  for (size_t row = 0; row < live_.size(); ++row) {
    if (ended[row]) continue;
    // A model whose training has blown up gives no probability at all: what there is must do.
    double end = std::isfinite(step.end[row]) ? step.end[row] : 0;
    Hypothesis hypothesis =
        extend({static_cast<int64_t>(row), end_, live_[row].log_probability + end}, step);
    hypothesis.ended = false;
    finished_.push_back(std::move(hypothesis));
  }
}

bool Beam::is_done() const {
  if (live_.empty()) return true;
  if (plan_.size == 1) return !finished_.empty();  // greedy search and samples go one way alone
  bool exact = options_->exact_stopping;
  int64_t wanted = exact ? std::min(options_->n_best, plan_.size) : plan_.size;
  if (static_cast<int64_t>(finished_.size()) < wanted) return false;
  std::vector<double> scores;
  for (const Hypothesis& hypothesis : finished_) scores.push_back(hypothesis.score);
  auto last = scores.begin() + wanted - 1;
  std::nth_element(scores.begin(), last, scores.end(), std::greater<>());
  return std::none_of(live_.begin(), live_.end(), [&](const Hypothesis& live) {
    double best = exact ? score_bound(live, plan_.max_length, *options_) : live.score;
    return best > *last;
  });
}

}  // namespace heed
