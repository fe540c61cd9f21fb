#include "decoding/candidates.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "decoding/phrases.h"

namespace heed {
namespace {

// A continuation and what it is chosen by.
struct Ranked {
  double rank;
  Candidate candidate;
};

Candidates first_of(std::vector<Ranked> all, int64_t count) {
  std::ranges::stable_sort(all, std::greater<>(), &Ranked::rank);
  Candidates candidates;
  for (const Ranked& one : all) {
    if (std::ssize(candidates) == count) break;
    candidates.push_back(one.candidate);
  }
  return candidates;
}

// The indices of the largest numbers, of equal ones the lower first.
std::vector<int32_t> largest(const std::vector<float>& numbers, int64_t count) {
  std::vector<int32_t> order(numbers.size());
  std::iota(order.begin(), order.end(), 0);
  auto end = order.begin() + std::min<int64_t>(count, std::ssize(order));
  std::partial_sort(order.begin(), end, order.end(), [&](int32_t a, int32_t b) {
    return numbers[a] != numbers[b] ? numbers[a] > numbers[b] : a < b;
  });
  order.erase(end, order.end());
  return order;
}

}  // namespace

Candidates merge_best(const Beam& beam, const BestPieces& pieces, int64_t first_row) {
  int64_t count = pieces.count;
  const int32_t* ids = pieces.ids.data() + first_row * count;
  const float* steps = pieces.log_probabilities.data() + first_row * count;
  std::vector<Ranked> all;
  for (int64_t k = 0; k < beam.width(); ++k) {
    for (int64_t j = k * count; j < (k + 1) * count; ++j) {
      if (ids[j] < 0 || !std::isfinite(steps[j])) break;
      double whole = beam.log_probability(k) + steps[j];
      all.push_back({whole, {k, ids[j], whole}});
    }
  }
  return first_of(std::move(all), count);
}

Candidates best_of_whole(const Beam& beam, const BeamRows& allowed, int64_t count,
                         const std::vector<int32_t>& taken, double penalty) {
  std::vector<Ranked> all;
  for (int64_t k = 0; k < beam.width(); ++k) {
    std::vector<float> ranks(allowed[k], allowed[k] + allowed.size);
    for (int32_t id : taken) ranks[id] -= static_cast<float>(penalty);
    double before = beam.log_probability(k);
    for (int32_t id : largest(ranks, count)) {
      if (!std::isfinite(ranks[id])) break;
      all.push_back({before + ranks[id], {k, id, before + allowed[k][id]}});
    }
  }
  return first_of(std::move(all), count);
}

void serve_phrases(const Beam& beam, const std::vector<std::vector<int32_t>>& phrases,
                   const BeamRows& allowed, int32_t end, Candidates& candidates) {
  std::set<std::pair<int64_t, int64_t>> known;
  for (const Candidate& candidate : candidates) known.emplace(candidate.parent, candidate.id);
  for (int64_t k = 0; k < beam.width(); ++k) {
    const float* row = allowed[k];
    std::vector<int32_t> ids = phrase_progress(phrases, beam.ids(k)).next;
    ids.push_back(static_cast<int32_t>(std::max_element(row, row + allowed.size) - row));
    for (int32_t id : ids) {
      if (!std::isfinite(row[id]) || !known.emplace(k, id).second) continue;
      candidates.push_back({k, id, beam.log_probability(k) + row[id]});
    }
  }
  std::ranges::stable_sort(candidates, std::greater<>(), &Candidate::log_probability);
  std::vector<int64_t> banks;
  for (const Candidate& candidate : candidates) {
    std::vector<int32_t> ids = beam.ids(candidate.parent);
    if (candidate.id != end) ids.push_back(candidate.id);
    banks.push_back(phrase_progress(phrases, ids).pieces);
  }
  share_among_banks(candidates, banks);
}

}  // namespace heed
