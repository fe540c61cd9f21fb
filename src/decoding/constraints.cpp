#include "decoding/constraints.h"

#include "kernels/torch.h"

#include <algorithm>
#include <limits>

namespace heed {
namespace {

constexpr float kForbidden = -std::numeric_limits<float>::infinity();

void forbid_column(Tensor& log_probabilities, int32_t id) {
  log_probabilities.select(1, id).fill_(kForbidden);
}

}  // namespace

void forbid_special(Tensor& log_probabilities, const SpecialIds& special) {
  forbid_column(log_probabilities, special.begin);
  if (special.pad != special.end) forbid_column(log_probabilities, special.pad);
}

void forbid_early_end(Tensor& log_probabilities, const SpecialIds& special, int64_t length,
                      int64_t min_length) {
  if (length < min_length) forbid_column(log_probabilities, special.end);
}

void forbid_repeated_ngrams(Tensor& log_probabilities, const Prefixes& prefixes, int64_t size) {
  if (size <= 0) return;
  auto rows = log_probabilities.accessor<float, 2>();
  for (size_t row = 0; row < prefixes.size(); ++row) {
    const std::vector<int32_t>& ids = *prefixes[row];
    auto length = static_cast<int64_t>(ids.size());
    if (length < size - 1) continue;
    auto tail = ids.end() - (size - 1);
    for (int64_t start = 0; start + size <= length; ++start) {
      if (std::equal(tail, ids.end(), ids.begin() + start)) {
        rows[static_cast<int64_t>(row)][ids[start + size - 1]] = kForbidden;
      }
    }
  }
}

void forbid_end(Tensor& log_probabilities, const SpecialIds& special,
                const std::vector<int64_t>& rows) {
  auto entries = log_probabilities.accessor<float, 2>();
  for (int64_t row : rows) entries[row][special.end] = kForbidden;
}

void force_pieces(Tensor& log_probabilities, const std::vector<ForcedPiece>& forced) {
  for (const ForcedPiece& piece : forced) {
    Tensor row = log_probabilities[piece.row];
    row.fill_(kForbidden)[piece.id] = piece.log_probability;
  }
}

void penalise_pieces(Tensor& totals, const std::vector<int32_t>& ids, double penalty) {
  auto entries = totals.accessor<float, 2>();
  for (int64_t row = 0; row < entries.size(0); ++row) {
    for (int32_t id : ids) entries[row][id] -= static_cast<float>(penalty);
  }
}

}  // namespace heed
