#include "model/gradient_watch.h"

#include "kernels/torch.h"

#include <torch/csrc/autograd/utils/lambda_post_hook.h>
#include <torch/csrc/autograd/variable.h>

#include <condition_variable>
#include <mutex>
#include <vector>

namespace heed {

struct GradientWatch::State {
  mutable std::mutex mutex;
  mutable std::condition_variable changed;
  int64_t part_size;
  std::vector<int64_t> expected;  // additions to each part in all backward passes
  std::vector<int64_t> missing;
  bool watching = false;
  std::vector<decltype(torch::autograd::impl::grad_accumulator({}))> accumulators;

  void arrived(int64_t first, int64_t last);
};

void GradientWatch::State::arrived(int64_t first, int64_t last) {
  std::lock_guard lock(mutex);
  if (!watching) return;
  bool complete = false;
  for (int64_t part = first; part <= last; ++part) complete |= --missing[part] == 0;
  if (complete) changed.notify_all();
}

GradientWatch::GradientWatch(int64_t size, int64_t part_size) : state_(std::make_shared<State>()) {
  state_->part_size = part_size;
  state_->expected.resize((size + part_size - 1) / part_size);
  state_->missing = state_->expected;
}

// Hooks that still have the state find that nobody watches.
GradientWatch::~GradientWatch() { end(); }

void GradientWatch::add(const at::Tensor& parameter, int64_t offset, int64_t count) {
  if (count == 0) return;
  int64_t first = offset / state_->part_size, last = (offset + count - 1) / state_->part_size;
  for (int64_t part = first; part <= last; ++part) ++state_->expected[part];
  // LibTorch keeps the accumulator no longer than somebody has it.
  auto accumulator = torch::autograd::impl::grad_accumulator(parameter);
  auto hook = [state = std::weak_ptr(state_), first, last](const auto& outputs, const auto&) {
    if (auto watched = state.lock()) watched->arrived(first, last);
    return outputs;
  };
  accumulator->add_post_hook(std::make_unique<torch::autograd::utils::LambdaPostHook>(hook));
  state_->accumulators.push_back(std::move(accumulator));
}

void GradientWatch::begin() {
  std::lock_guard lock(state_->mutex);
  state_->missing = state_->expected;
  state_->watching = true;
}

void GradientWatch::end() {
  std::lock_guard lock(state_->mutex);
  state_->watching = false;
  state_->changed.notify_all();
}

int64_t GradientWatch::parts() const { return std::ssize(state_->expected); }

void GradientWatch::wait(int64_t part) const {
  std::unique_lock lock(state_->mutex);
  state_->changed.wait(lock, [&] { return !state_->watching || state_->missing[part] <= 0; });
}

}  // namespace heed
