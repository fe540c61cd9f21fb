#include "inference/piece_columns.h"

#include <algorithm>

namespace heed {

int64_t PieceColumns::column_of(int32_t id) const {
  return all() ? id : std::ranges::lower_bound(ids_, id) - ids_.begin();
}

std::vector<int64_t> PieceColumns::columns_of(const std::vector<int64_t>& ids) const {
  if (all()) return ids;
  std::vector<int64_t> columns;
  for (int64_t id : ids) {
    auto piece = static_cast<int32_t>(id);
    if (std::ranges::binary_search(ids_, piece)) columns.push_back(column_of(piece));
  }
  return columns;
}

void PieceColumns::to_pieces(std::vector<int32_t>& columns) const {
  if (all()) return;
  for (int32_t& column : columns) {
    if (column >= 0) column = ids_[column];
  }
}

}  // namespace heed
