// The pieces that the columns of scores stand for: all of a vocabulary, or a shortlist.
#pragma once

#include <cstdint>
#include <vector>

namespace heed {

class PieceColumns {
 public:
  PieceColumns() = default;  // all pieces
  explicit PieceColumns(std::vector<int32_t> ascending) : ids_(std::move(ascending)) {}
  bool all() const { return ids_.empty(); }
  int64_t column_of(int32_t id) const;
  // The columns of pieces; those without one are left out.
  std::vector<int64_t> columns_of(const std::vector<int64_t>& ids) const;
  // Columns become pieces; -1 stays.
  void to_pieces(std::vector<int32_t>& columns) const;

 private:
  std::vector<int32_t> ids_;
};

}  // namespace heed
