#include "decoding/candidates.h"

#include "kernels/torch.h"

#include <algorithm>
#include <cmath>

namespace heed {

Tensor log_probabilities_of(const Tensor& logits) {
  return torch::log_softmax(logits.to(torch::kFloat32), -1).cpu();
}

int64_t OfferedPieces::column_of(int32_t id) const {
  return all() ? id : std::ranges::lower_bound(ids_, id) - ids_.begin();
}

void OfferedPieces::to_pieces(Tensor& columns) const {
  if (all()) return;
  auto* ids = columns.mutable_data_ptr<int32_t>();
  for (int64_t i = 0; i < columns.numel(); ++i) {
    if (ids[i] >= 0) ids[i] = ids_[ids[i]];
  }
}

bool needs_attention(const SearchOptions& options) {
  return options.want_attention || options.coverage_penalty > 0;
}

Candidates merge_best(const std::vector<Hypothesis>& live, const kernels::RowBest& best,
                      int64_t first_row) {
  int64_t count = best.ids.size(1);
  const auto* sums = best.log_sum_exp.const_data_ptr<float>() + first_row;
  const auto* logits = best.logits.const_data_ptr<float>() + first_row * count;
  const auto* ids = best.ids.const_data_ptr<int32_t>() + first_row * count;
  Candidates candidates;
  for (int64_t k = 0; k < static_cast<int64_t>(live.size()); ++k) {
    for (int64_t j = k * count; j < (k + 1) * count; ++j) {
      double step = logits[j] - sums[k];
      if (ids[j] < 0 || !std::isfinite(step)) break;
      candidates.push_back({k, ids[j], live[k].log_probability + step});
    }
  }
  std::ranges::stable_sort(candidates, std::greater<>(), &Candidate::log_probability);
  if (static_cast<int64_t>(candidates.size()) > count) candidates.resize(count);
  return candidates;
}

}  // namespace heed
