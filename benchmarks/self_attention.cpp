// What self-attention costs by length: microseconds a token in training (forward and backward of an
// encoder's layer) and a decoder's step (one piece of one sentence). One thread, float32, width
// 256, 4 heads; medians. Writes a table: length, then each kind's two figures.
#include "model/self_attention.h"

#include "kernels/torch.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>

#include "config/options.h"

namespace heed {
namespace {

constexpr int64_t kHidden = 256, kTokens = 4096, kRepeats = 7, kSteps = 16;

std::shared_ptr<SelfAttention> make(SelfAttentionKind kind, Sight sight) {
  ModelConfig config = default_config().model;
  config.hidden_size = kHidden;
  config.self_attention = kind;
  return make_self_attention(config, sight);
}

// Median of the seconds that `work` takes.
double median_seconds(const std::function<void()>& work) {
  std::vector<double> seconds;
  for (int64_t i = 0; i <= kRepeats; ++i) {
    auto start = std::chrono::steady_clock::now();
    work();
    std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    if (i > 0) seconds.push_back(taken.count());  // the first one warms up
  }
  std::nth_element(seconds.begin(), seconds.begin() + kRepeats / 2, seconds.end());
  return seconds[kRepeats / 2];
}

double training_seconds(SelfAttentionKind kind, int64_t length) {
  auto attention = make(kind, Sight::kAll);
  int64_t batch = std::max<int64_t>(1, kTokens / length);
  Tensor x = torch::randn({batch, length, kHidden}).requires_grad_();
  SelfMask mask = attention->mask({}, length, x.options());
  double seconds = median_seconds([&] { attention->forward(x, mask, nullptr).sum().backward(); });
  return seconds / static_cast<double>(batch * length);
}

double step_seconds(SelfAttentionKind kind, int64_t length) {
  torch::NoGradGuard no_gradient;
  auto attention = make(kind, Sight::kBefore);
  attention->eval();
  SelfCache filled = attention->empty_cache(1);
  if (kind != "linear") {
    filled.stored = torch::randn({length, 2 * kHidden});
    filled.origins = torch::arange(length, torch::kInt32).view({1, -1});
  }
  Tensor x = torch::randn({1, 1, kHidden});
  double seconds = median_seconds([&] {
    SelfCache cache = filled;
    for (int64_t i = 0; i < kSteps; ++i) {
      attention->extend(cache);
      attention->step(x, length + i, cache);
    }
  });
  return seconds / kSteps;
}

}  // namespace
}  // namespace heed

int main() {
  at::set_num_threads(1);
  std::printf("length");
  for (std::string_view kind : heed::SelfAttentionKind::names)
    fmt::print("\t{0} training\t{0} step", kind);
  std::printf("\n");
  for (int64_t length = 16; length <= 4096; length *= 2) {
    std::printf("%ld", static_cast<long>(length));
    for (std::string_view name : heed::SelfAttentionKind::names) {
      heed::SelfAttentionKind kind = *heed::SelfAttentionKind::find(name);
      std::printf("\t%.2f\t%.1f", 1e6 * heed::training_seconds(kind, length),
                  1e6 * heed::step_seconds(kind, length));
      std::fflush(stdout);
    }
    std::printf("\n");
  }
}
