#include "evaluation/ter_edits.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <vector>

#include "util/error.h"

namespace heed {
namespace {

constexpr int kMaxShiftWords = 10;
constexpr int kMaxShiftDistance = 50;
constexpr int kMaxShiftCandidates = 1000;  // over all rounds of a sentence pair
constexpr int kBeamWidth = 25;             // words on each side of the diagonal
constexpr int32_t kInfinity = 1 << 29;

using Words = std::vector<uint32_t>;

enum class Edit : uint8_t { kNone, kKeep, kReplace, kDelete, kInsert };

// The beam: which cells of the edit distance's matrix (hypothesis words down, reference words
// across) are searched. It is the same for every order of the hypothesis's words.
class Beam {
 public:
  Beam(int hypothesis, int reference) : rows_(hypothesis + 1) {
    double ratio = hypothesis > 0 ? static_cast<double>(reference) / hypothesis : 1;
    // Where lengths differ wildly, neighbouring rows must still overlap.
    int width =
        kBeamWidth < ratio / 2 ? static_cast<int>(std::ceil(ratio / 2 + kBeamWidth)) : kBeamWidth;
    rows_[0] = {0, reference + 1, 0, 0};
    for (int i = 1; i <= hypothesis; ++i) {
      int diagonal = static_cast<int>(std::floor(i * ratio));
      rows_[i].first = std::max(0, diagonal - width);
      rows_[i].end = i == hypothesis ? reference + 1 : std::min(reference + 1, diagonal + width);
    }
    // A row is stored with an infinite cell before it, and after it as many as the next row reads.
    for (int i = 0; i <= hypothesis; ++i) {
      rows_[i].stored_end =
          i < hypothesis ? std::max(rows_[i].end, rows_[i + 1].end) : rows_[i].end;
      rows_[i].offset = cells_ + 1 - rows_[i].first;
      cells_ += rows_[i].stored_end - rows_[i].first + 1;
    }
  }

  struct Row {
    int first, end;      // the searched cells
    int stored_end = 0;  // cells from `end` on are infinite
    int64_t offset = 0;  // of cell 0, were it stored
  };
  const Row& row(int i) const { return rows_[i]; }
  int64_t cells() const { return cells_; }

 private:
  std::vector<Row> rows_;
  int64_t cells_ = 0;
};

// One sentence pair's search.
class ShiftSearch {
 public:
  ShiftSearch(Words hypothesis, std::span<const uint32_t> reference)
      : words_(std::move(hypothesis)),
        reference_(reference),
        beam_(static_cast<int>(words_.size()), static_cast<int>(reference.size())),
        costs_(beam_.cells(), kInfinity),
        shifted_costs_(beam_.cells(), kInfinity),
        edits_(beam_.cells(), Edit::kNone) {
    for (int j = 0; j < columns(); ++j) {
      costs_[beam_.row(0).offset + j] = j;
      edits_[beam_.row(0).offset + j] = Edit::kInsert;
    }
  }

  int64_t run();

 private:
  // Ordered by merit: the most edits saved, the longest, the earliest, to the earliest place.
  struct Shift {
    int saved, length, start, target;
    auto merit() const { return std::tuple(saved, length, -start, -target); }
  };

  int rows() const { return static_cast<int>(words_.size()) + 1; }
  int columns() const { return static_cast<int>(reference_.size()) + 1; }
  int32_t final_cost(const std::vector<int32_t>& costs) const {
    return costs[beam_.row(rows() - 1).offset + columns() - 1];
  }
  void fill_matrix();
  void read_alignment();
  bool find_best_shift(Shift& best);
  void try_targets(int start, int reference_start, int length, Shift& best, bool& found);
  void shift_words(const Shift& shift);
  int32_t shifted_cost(int32_t limit);

  Words words_, shifted_;
  std::span<const uint32_t> reference_;
  Beam beam_;
  // The matrix of words_: cost and last edit of each cell.
  std::vector<int32_t> costs_, shifted_costs_;
  std::vector<Edit> edits_;
  // By reference word: the hypothesis word it stands at. Errors are sums over the words before.
  std::vector<int> alignment_, reference_errors_, hypothesis_errors_;
  int candidates_ = 0;
};

void ShiftSearch::fill_matrix() {
  for (int i = 1; i < rows(); ++i) {
    const Beam::Row& row = beam_.row(i);
    const int32_t* above = &costs_[0] + beam_.row(i - 1).offset;
    int32_t* cost = &costs_[0] + row.offset;
    Edit* edit = &edits_[0] + row.offset;
    for (int j = row.first; j < row.end; ++j) {
      int32_t best = kInfinity;
      Edit choice = Edit::kNone;
      auto consider = [&](int32_t candidate, Edit kind) {
        if (candidate < best) best = candidate, choice = kind;
      };
      // Ties go to the first. Tercom prefers insertions to deletions; the alignment is read from
      // the inverse edits, so here it is the other way round.
      if (j > 0) {
        bool same = words_[i - 1] == reference_[j - 1];
        consider(above[j - 1] + (same ? 0 : 1), same ? Edit::kKeep : Edit::kReplace);
      }
      consider(above[j] + 1, Edit::kDelete);
      if (j > 0) consider(cost[j - 1] + 1, Edit::kInsert);
      cost[j] = best;
      edit[j] = choice;
    }
  }
}

void ShiftSearch::read_alignment() {
  std::vector<Edit> path;
  for (int i = rows() - 1, j = columns() - 1; i > 0 || j > 0;) {
    Edit edit = edits_[beam_.row(i).offset + j];
    if (edit == Edit::kNone) {
      fail(
          "TER: the beam of {} words lost the path between {} hypothesis and {} reference words; "
          "please report this pair",
          kBeamWidth, words_.size(), reference_.size());
    }
    path.push_back(edit);
    if (edit != Edit::kInsert) --i;
    if (edit != Edit::kDelete) --j;
  }
  alignment_.clear();
  reference_errors_.assign(1, 0);
  hypothesis_errors_.assign(1, 0);
  int at = -1;
  for (auto edit = path.rbegin(); edit != path.rend(); ++edit) {
    int error = *edit == Edit::kKeep ? 0 : 1;
    if (*edit != Edit::kInsert) {
      ++at;
      hypothesis_errors_.push_back(hypothesis_errors_.back() + error);
    }
    if (*edit != Edit::kDelete) {
      alignment_.push_back(at);
      reference_errors_.push_back(reference_errors_.back() + error);
    }
  }
}

void ShiftSearch::shift_words(const Shift& shift) {
  shifted_ = words_;
  auto begin = shifted_.begin() + shift.start, end = begin + shift.length;
  if (shift.target < shift.start) {
    std::rotate(shifted_.begin() + shift.target, begin, end);
  } else if (shift.target > shift.start + shift.length) {
    std::rotate(begin, end, shifted_.begin() + shift.target);
  } else {
    // A target within the block moves it as far to the right as the target is from its start.
    auto behind =
        std::min<int64_t>(shift.target + shift.length, static_cast<int64_t>(words_.size()));
    std::rotate(begin, end, shifted_.begin() + behind);
  }
}

// The edit distance of shifted_, or something above `limit` as soon as it must be above. Rows
// before the first word that moved are those of words_.
int32_t ShiftSearch::shifted_cost(int32_t limit) {
  auto moved = std::mismatch(shifted_.begin(), shifted_.end(), words_.begin()).first;
  if (moved == shifted_.end()) return final_cost(costs_);
  int changed = static_cast<int>(moved - shifted_.begin()) + 1;
  for (int i = changed; i < rows(); ++i) {
    const Beam::Row& row = beam_.row(i);
    const std::vector<int32_t>& source = i == changed ? costs_ : shifted_costs_;
    const int32_t* above = &source[0] + beam_.row(i - 1).offset;
    int32_t* cost = &shifted_costs_[0] + row.offset;
    const uint32_t word = shifted_[i - 1];
    int32_t left = kInfinity, lowest = kInfinity;
    int j = row.first;
    if (j == 0) {
      lowest = left = cost[0] = above[0] + 1;
      ++j;
    }
    for (; j < row.end; ++j) {
      int32_t replaced = above[j - 1] + (word == reference_[j - 1] ? 0 : 1);
      left = std::min({kInfinity, replaced, above[j] + 1, left + 1});
      cost[j] = left;
      lowest = std::min(lowest, left);
    }
    if (lowest > limit) return lowest;
  }
  return final_cost(shifted_costs_);
}

// The places before and inside the reference's match where the block can go.
void ShiftSearch::try_targets(int start, int reference_start, int length, Shift& best,
                              bool& found) {
  const int32_t cost = final_cost(costs_);
  int previous = -1;
  for (int offset = -1; offset < length; ++offset) {
    int place = reference_start + offset;
    int target = place == -1 ? 0 : alignment_[place] + 1;
    if (target == previous) continue;
    previous = target;
    Shift shift{0, length, start, target};
    shift_words(shift);
    ++candidates_;
    int32_t limit = kInfinity;
    if (found) {
      shift.saved = best.saved;
      // With as many edits saved as the best, is it better for its other merits?
      limit = cost - best.saved - (shift.merit() > best.merit() ? 0 : 1);
    }
    int32_t after = shifted_cost(limit);
    if (after > limit) continue;
    shift.saved = cost - after;
    best = shift;
    found = true;
  }
}

// False where no block can be shifted.
bool ShiftSearch::find_best_shift(Shift& best) {
  const int hypothesis_length = rows() - 1, reference_length = columns() - 1;
  bool found = false;
  for (int start = 0; start < hypothesis_length; ++start) {
    int first = std::max(0, start - kMaxShiftDistance);
    int last = std::min(reference_length - 1, start + kMaxShiftDistance);
    for (int place = first; place <= last; ++place) {
      for (int length = 1; length <= kMaxShiftWords; ++length) {
        if (start + length > hypothesis_length || place + length > reference_length) break;
        if (words_[start + length - 1] != reference_[place + length - 1]) break;
        bool right = hypothesis_errors_[start + length] == hypothesis_errors_[start] ||
                     reference_errors_[place + length] == reference_errors_[place];
        bool inside = alignment_[place] >= start && alignment_[place] < start + length;
        if (!right && !inside) try_targets(start, place, length, best, found);
        if (candidates_ >= kMaxShiftCandidates) return found;
      }
    }
  }
  return found;
}

int64_t ShiftSearch::run() {
  int64_t shifts = 0;
  for (;;) {
    fill_matrix();
    read_alignment();
    Shift best{};
    bool found = find_best_shift(best);
    if (!found || candidates_ >= kMaxShiftCandidates || best.saved <= 0) break;
    ++shifts;
    shift_words(best);
    words_.swap(shifted_);
  }
  return shifts + final_cost(costs_);
}

}  // namespace

int64_t translation_edits(std::span<const uint32_t> hypothesis,
                          std::span<const uint32_t> reference) {
  if (reference.empty()) return static_cast<int64_t>(hypothesis.size());
  return ShiftSearch(Words(hypothesis.begin(), hypothesis.end()), reference).run();
}

}  // namespace heed
