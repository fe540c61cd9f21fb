#include "kernels/top_k.h"

#include "kernels/torch.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/rows.h"

namespace heed::kernels {
namespace {

constexpr int64_t kBlock = 64;  // entries whose maximum tells whether to look at any of them
constexpr float kMinusInfinity = -std::numeric_limits<float>::infinity();

HEED_INLINE void maxima_loop(const float* x, int64_t size, int32_t* maxima) {
  int64_t whole = size / kBlock * kBlock;
  for (int64_t first = 0; first < whole; first += kBlock) {
    int32_t maximum = std::numeric_limits<int32_t>::min();
    for (int64_t i = 0; i < kBlock; ++i) {
      int32_t key = ordered(x[first + i]);
      maximum = key > maximum ? key : maximum;
    }
    maxima[first / kBlock] = maximum;
  }
  if (whole == size) return;
  int32_t maximum = std::numeric_limits<int32_t>::min();
  for (int64_t i = whole; i < size; ++i) {
    int32_t key = ordered(x[i]);
    maximum = key > maximum ? key : maximum;
  }
  maxima[whole / kBlock] = maximum;
}

HEED_INLINE float exponential_loop(const float* x, int64_t size, float maximum) {
  HEED_REORDERED
  float sum = 0;
  for (int64_t i = 0; i < size; ++i) sum += exp_fast(x[i] - maximum);
  return sum;
}

// Where one row's results go, and what helps on the way.
struct RowWork {
  int64_t k;
  const std::vector<int64_t>& passed_over;
  int64_t asked;
  std::vector<int32_t> maxima, sorted;
};

// A block whose maximum is below this one holds none of the best: k blocks (and one more for each
// entry that is passed over) have a maximum as high.
int32_t least_maximum(RowWork& work) {
  auto enough = static_cast<size_t>(work.k) + work.passed_over.size();
  constexpr int32_t kLeast = std::numeric_limits<int32_t>::min();
  if (enough > work.maxima.size()) return kLeast;
  work.sorted.assign(enough, kLeast);  // the largest so far, in order: few enough to move
  for (int32_t maximum : work.maxima) {
    if (maximum <= work.sorted.back()) continue;
    size_t place = enough - 1;
    for (; place > 0 && work.sorted[place - 1] < maximum; --place) {
      work.sorted[place] = work.sorted[place - 1];
    }
    work.sorted[place] = maximum;
  }
  return work.sorted.back();
}

HEED_INLINE void mark_loop(float least, const float* x, int64_t size, uint8_t* marks) {
  for (int64_t i = 0; i < size; ++i) marks[i] = x[i] >= least;
}

// A row's best so far, in order.
struct Best {
  int64_t k;
  float* logits;
  int32_t* ids;
  int64_t count = 0;

  // Of equal ones the first to come stays ahead. -inf and NaN are never taken.
  void take(float logit, int64_t id, const std::vector<int64_t>& passed_over) {
    if (!(logit > logits[k - 1]) || std::ranges::count(passed_over, id) > 0) return;
    int64_t place = std::min(count++, k - 1);
    for (; place > 0 && logits[place - 1] < logit; --place) {
      logits[place] = logits[place - 1];
      ids[place] = ids[place - 1];
    }
    logits[place] = logit;
    ids[place] = static_cast<int32_t>(id);
  }
};

void select(const float* x, int64_t size, RowWork& work, float* logits, int32_t* ids) {
  constexpr int64_t kWord = sizeof(uint64_t);
  int32_t least = least_maximum(work);
  std::fill(logits, logits + work.k, kMinusInfinity);
  std::fill(ids, ids + work.k, -1);
  Best best{work.k, logits, ids};
  for (int64_t block = 0; block < static_cast<int64_t>(work.maxima.size()); ++block) {
    if (work.maxima[block] < least) continue;
    int64_t first = block * kBlock, count = std::min(kBlock, size - first);
    uint8_t marks[kBlock] = {};
    float bound = from_ordered(least);
    vectorised<mark_loop>(std::isnan(bound) ? kMinusInfinity : bound, x + first, count, marks);
    for (int64_t i = 0; i < kBlock; i += kWord) {
      uint64_t word;
      __builtin_memcpy(&word, marks + i, sizeof word);
      if (word == 0) continue;
      for (int64_t j = i; j < i + kWord; ++j) {
        if (marks[j]) best.take(x[first + j], first + j, work.passed_over);
      }
    }
  }
}

// The logarithm of the row's sum of exponentials; leaves the maximum of each block in `maxima`.
float log_sum_exp(const float* x, int64_t size, std::vector<int32_t>& maxima) {
  maxima.resize((size + kBlock - 1) / kBlock);
  vectorised<maxima_loop>(x, size, maxima.data());
  float maximum = from_ordered(*std::ranges::max_element(maxima));
  return std::isfinite(maximum) ? maximum + std::log(vectorised<exponential_loop>(x, size, maximum))
                                : std::numeric_limits<float>::quiet_NaN();
}

void best_of_row(const float* x, int64_t size, RowWork& work, RowBest& best, int64_t row) {
  best.log_sum_exp.mutable_data_ptr<float>()[row] = log_sum_exp(x, size, work.maxima);
  best.asked.mutable_data_ptr<float>()[row] = x[work.asked];
  select(x, size, work, best.logits.mutable_data_ptr<float>() + row * work.k,
         best.ids.mutable_data_ptr<int32_t>() + row * work.k);
}

// How many rows are multiplied at a time: so few that their logits stay in the cache, or more where
// the weight does not, which each time comes from memory again.
int64_t rows_at_a_time(const PackedLinear& projection) {
  constexpr int64_t kFewest = 32, kMost = 256;  // whole blocks of every kind of product
  int64_t row_bytes = std::max<int64_t>(projection.out(), 1) * sizeof(float);
  return std::clamp(projection.bytes() / (2 * row_bytes) / kFewest * kFewest, kFewest, kMost);
}

// Calls work(logits, i) for each row i of x, the logits being those that `projection` makes of it.
// make_work() gives each thread a work of its own.
template <typename MakeWork>
void for_logits(const PackedLinear& projection, const at::Tensor& x, const MakeWork& make_work) {
  int64_t step = rows_at_a_time(projection);
  at::Tensor input = x.contiguous();
  const auto* states = input.const_data_ptr<float>();
  int64_t rows = input.size(0), size = projection.out();
  at::parallel_for(0, (rows + step - 1) / step, 1, [&](int64_t begin, int64_t end) {
    auto work = make_work();
    thread_local Floats logits;  // keeps its memory from step to step
    logits.resize(std::max<size_t>(logits.size(), step * size));
    for (int64_t first = begin * step; first < std::min(rows, end * step); first += step) {
      int64_t count = std::min(step, rows - first);
      projection.apply(states + first * projection.in(), count, logits.data());
      for (int64_t i = 0; i < count; ++i) work(logits.data() + i * size, first + i);
    }
  });
}

RowBest empty_best(int64_t rows, int64_t k) {
  return {at::empty({rows}, at::kFloat), at::empty({rows, k}, at::kFloat),
          at::empty({rows, k}, at::kInt), at::empty({rows}, at::kFloat)};
}

}  // namespace

RowBest best_of_rows(const at::Tensor& logits, int64_t k, const std::vector<int64_t>& passed_over,
                     int64_t asked) {
  if (!has_kernel(logits)) return best_of_rows_reference(logits, k, passed_over, asked);
  at::Tensor x = logits.contiguous();
  int64_t rows = x.size(0), size = x.size(1);
  RowBest best = empty_best(rows, k);
  at::parallel_for(0, rows, 4, [&](int64_t begin, int64_t end) {
    RowWork work{k, passed_over, asked, {}, {}};
    Floats wide;
    for (int64_t row = begin; row < end; ++row) {
      const float* entries;
      if (x.scalar_type() == at::kFloat) {
        entries = x.const_data_ptr<float>() + row * size;
      } else {
        wide.resize(size);
        widen(bfloat16_bits(x) + row * size, wide.data(), {1, size, 0, 0});
        entries = wide.data();
      }
      best_of_row(entries, size, work, best, row);
    }
  });
  return best;
}

RowBest best_of_products(const PackedLinear& projection, const at::Tensor& x, int64_t k,
                         const std::vector<int64_t>& passed_over, int64_t asked) {
  RowBest best = empty_best(x.size(0), k);
  for_logits(projection, x, [&] {
    return [&, work = RowWork{k, passed_over, asked, {}, {}}](const float* row, int64_t i) mutable {
      best_of_row(row, projection.out(), work, best, i);
    };
  });
  return best;
}

at::Tensor log_probabilities_of_products(const PackedLinear& projection, const at::Tensor& x,
                                         const at::Tensor& targets) {
  at::Tensor found = at::empty({x.size(0)}, at::kFloat), ids = targets.contiguous();
  for_logits(projection, x, [&] {
    return [&, maxima = std::vector<int32_t>()](const float* row, int64_t i) mutable {
      found.mutable_data_ptr<float>()[i] =
          row[ids.const_data_ptr<int64_t>()[i]] - log_sum_exp(row, projection.out(), maxima);
    };
  });
  return found;
}

RowBest best_of_rows_reference(const at::Tensor& logits, int64_t k,
                               const std::vector<int64_t>& passed_over, int64_t asked) {
  at::Tensor x = logits.to(at::kFloat);
  at::Tensor allowed = x.clone();
  for (int64_t id : passed_over) allowed.select(1, id).fill_(kMinusInfinity);
  auto [values, indices] = allowed.topk(std::min(k, x.size(1)), 1);
  at::Tensor ids = indices.to(at::kInt).masked_fill(values == kMinusInfinity, -1);
  int64_t missing = k - values.size(1);
  return {at::logsumexp(x, 1).cpu(),
          at::constant_pad_nd(values, {0, missing}, kMinusInfinity).cpu(),
          at::constant_pad_nd(ids, {0, missing}, -1).cpu(), x.select(1, asked).contiguous().cpu()};
}

}  // namespace heed::kernels
