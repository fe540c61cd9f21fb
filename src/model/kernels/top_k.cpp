#include "model/kernels/top_k.h"

#include "model/torch.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "model/kernels/rows.h"

namespace heed::kernels {
namespace {

constexpr int64_t kBlock = 64;  // entries whose maximum tells whether to look at any of them
constexpr float kMinusInfinity = -std::numeric_limits<float>::infinity();

// Integers in the order of the floats: their maximum is vector code without leave to forget NaN,
// which counts as more than infinity here.
HEED_INLINE int32_t ordered(float x) {
  auto bits = __builtin_bit_cast(int32_t, x);
  return bits ^ ((bits >> 31) & 0x7FFFFFFF);
}
HEED_INLINE float from_ordered(int32_t key) {
  return __builtin_bit_cast(float, key ^ ((key >> 31) & 0x7FFFFFFF));
}

HEED_SIMD void block_maxima(const float* x, int64_t size, int32_t* maxima) {
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

HEED_SIMD float sum_of_exponentials(const float* x, int64_t size, float maximum) {
  float sum = 0;
  for (int64_t i = 0; i < size; ++i) sum += exp_fast(x[i] - maximum);
  return sum;
}

// Where one row's results go, and what helps on the way.
struct RowWork {
  int64_t k;
  const std::vector<int64_t>& passed_over;
  std::vector<int32_t> maxima, sorted;
};

// A block whose maximum is below this one holds none of the best: k blocks (and one more for each
// entry that is passed over) have a maximum as high.
int32_t least_maximum(RowWork& work) {
  auto enough = static_cast<size_t>(work.k) + work.passed_over.size();
  if (enough > work.maxima.size()) return std::numeric_limits<int32_t>::min();
  work.sorted = work.maxima;
  auto last = work.sorted.begin() + static_cast<ptrdiff_t>(enough) - 1;
  std::nth_element(work.sorted.begin(), last, work.sorted.end(), std::greater<>());
  return *last;
}

void select(const float* x, int64_t size, RowWork& work, float* logits, int32_t* ids) {
  int32_t least = least_maximum(work);
  int64_t count = 0;
  std::fill(logits, logits + work.k, kMinusInfinity);
  std::fill(ids, ids + work.k, -1);
  for (int64_t block = 0; block < static_cast<int64_t>(work.maxima.size()); ++block) {
    if (work.maxima[block] < least) continue;
    int64_t end = std::min(size, (block + 1) * kBlock);
    for (int64_t i = block * kBlock; i < end; ++i) {
      // -inf and NaN are never taken.
      if (!(x[i] > logits[work.k - 1])) continue;
      if (std::ranges::count(work.passed_over, i) > 0) continue;
      int64_t place = std::min(count++, work.k - 1);
      for (; place > 0 && logits[place - 1] < x[i]; --place) {
        logits[place] = logits[place - 1];
        ids[place] = ids[place - 1];
      }
      logits[place] = x[i];
      ids[place] = static_cast<int32_t>(i);
    }
  }
}

void best_of_row(const float* x, int64_t size, RowWork& work, float* log_sum_exp, float* logits,
                 int32_t* ids) {
  work.maxima.resize((size + kBlock - 1) / kBlock);
  block_maxima(x, size, work.maxima.data());
  float maximum = from_ordered(*std::ranges::max_element(work.maxima));
  *log_sum_exp = std::isfinite(maximum) ? maximum + std::log(sum_of_exponentials(x, size, maximum))
                                        : std::numeric_limits<float>::quiet_NaN();
  select(x, size, work, logits, ids);
}

}  // namespace

RowBest best_of_rows(const at::Tensor& logits, int64_t k, const std::vector<int64_t>& passed_over) {
  if (!has_kernel(logits)) return best_of_rows_reference(logits, k, passed_over);
  at::Tensor x = logits.contiguous();
  int64_t rows = x.size(0), size = x.size(1);
  RowBest best{at::empty({rows}, at::kFloat), at::empty({rows, k}, at::kFloat),
               at::empty({rows, k}, at::kInt)};
  auto* sums = best.log_sum_exp.mutable_data_ptr<float>();
  auto* values = best.logits.mutable_data_ptr<float>();
  auto* ids = best.ids.mutable_data_ptr<int32_t>();
  at::parallel_for(0, rows, 4, [&](int64_t begin, int64_t end) {
    RowWork work{k, passed_over, {}, {}};
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
      best_of_row(entries, size, work, sums + row, values + row * k, ids + row * k);
    }
  });
  return best;
}

RowBest best_of_rows_reference(const at::Tensor& logits, int64_t k,
                               const std::vector<int64_t>& passed_over) {
  at::Tensor x = logits.to(at::kFloat);
  at::Tensor allowed = x.clone();
  for (int64_t id : passed_over) allowed.select(1, id).fill_(kMinusInfinity);
  auto [values, indices] = allowed.topk(std::min(k, x.size(1)), 1);
  at::Tensor ids = indices.to(at::kInt).masked_fill(values == kMinusInfinity, -1);
  int64_t missing = k - values.size(1);
  return {at::logsumexp(x, 1).cpu(),
          at::constant_pad_nd(values, {0, missing}, kMinusInfinity).cpu(),
          at::constant_pad_nd(ids, {0, missing}, -1).cpu()};
}

}  // namespace heed::kernels
