#include "model/parameters.h"

#include "kernels/torch.h"

#include <algorithm>
#include <numeric>

#include "kernels/update.h"
#include "model/parts.h"
#include "util/error.h"

namespace heed {
namespace {

constexpr int64_t kAlignment = 16;  // elements: a cache line of float32

int64_t aligned(int64_t size) { return (size + kAlignment - 1) / kAlignment * kAlignment; }

}  // namespace

Parameters::Parameters(const Seq2Seq& model, const ParameterOptions& options)
    : average_decay_(options.average_decay) {
  torch::NoGradGuard no_gradient;
  lay_out(model, options.frozen);
  master_ = torch::zeros({size_}, torch::dtype(torch::kFloat32).device(model.device()));
  auto parameters = model.named_parameters();
  for (const Slot& slot : slots_) slot.of(master_).copy_(parameters[slot.name]);
  compute_ = options.type == torch::kFloat32 ? master_ : master_.to(options.type);
  sum_ = torch::zeros({trained_}, master_.options());
  if (average_decay_ > 0) average_ = master_.clone();
}

void Parameters::lay_out(const Seq2Seq& model, const std::vector<std::string>& frozen) {
  enum class Kind { kMatrix, kVector, kFrozen };
  auto kind_of = [&](const std::string& name, const Tensor& value) {
    if (is_in(name, frozen)) return Kind::kFrozen;
    return value.dim() > 1 ? Kind::kMatrix : Kind::kVector;
  };
  auto parameters = model.named_parameters();
  for (Kind kind : {Kind::kMatrix, Kind::kVector, Kind::kFrozen}) {
    bool is_frozen = kind == Kind::kFrozen;
    for (const auto& item : parameters) {
      const Tensor& value = item.value();
      if (kind_of(item.key(), value) != kind) continue;
      slots_.push_back({item.key(), value.sizes().vec(), size_, value.numel(), is_frozen});
      size_ += aligned(value.numel());
      count_ += value.numel();
      if (is_frozen) frozen_count_ += value.numel();
    }
    if (kind == Kind::kMatrix) matrices_ = size_;
    if (kind == Kind::kVector) trained_ = size_;
  }
}

Tensor Parameters::Slot::of(const Tensor& flat) const {
  return flat.narrow(0, offset, count).view(sizes);
}

void Parameters::share(Seq2Seq& replica) {
  torch::NoGradGuard no_gradient;
  gradients_.push_back(torch::zeros({trained_}, compute_.options()));
  auto parameters = replica.named_parameters();
  shared_.emplace_back();
  for (const Slot& slot : slots_) {
    Tensor& parameter = parameters[slot.name];
    shared_.back().push_back(parameter);
    parameter.set_data(slot.of(compute_));
    parameter.set_requires_grad(!slot.frozen);
    if (!slot.frozen) parameter.mutable_grad() = slot.of(gradients_.back());
  }
}

Tensor Parameters::Range::of(const Tensor& flat) const {
  return flat.defined() ? flat.slice(0, begin, end) : flat;
}

void Parameters::on_ranges(Workers& workers, int64_t unit,
                           const std::function<void(Range)>& work) const {
  int64_t count = workers.count(), units = (trained_ + unit - 1) / unit;
  workers.run([&](int64_t i) {
    torch::NoGradGuard no_gradient;
    Range range{units * i / count * unit, std::min(units * (i + 1) / count * unit, trained_)};
    if (range.begin < range.end) work(range);
  });
}

void Parameters::add_up(Workers& workers, const std::vector<Tensor>& gradients) {
  constexpr int64_t kBlock = kernels::kNormBlock;
  std::vector<double> norms((trained_ + kBlock - 1) / kBlock);
  on_ranges(workers, kBlock, [&](Range range) {
    std::vector<Tensor> parts;
    for (const Tensor& gradient : gradients) parts.push_back(range.of(gradient));
    std::ranges::copy(kernels::sum_gradients(range.of(sum_), parts),
                      norms.begin() + range.begin / kBlock);
  });
  squared_norm_ = std::accumulate(norms.begin(), norms.end(), 0.0);
}

void Parameters::accumulate_part(int64_t begin, int64_t end) {
  torch::NoGradGuard no_gradient;
  Range range{begin, end};
  std::vector<Tensor> parts;
  for (const Tensor& gradient : gradients_) parts.push_back(range.of(gradient));
  kernels::sum_gradients(range.of(sum_), parts);
}

void Parameters::watch(GradientWatch& watch) const {
  for (const auto& parameters : shared_) {
    for (size_t i = 0; i < slots_.size(); ++i) {
      if (slots_[i].frozen) continue;
      watch.add(parameters[i], slots_[i].offset, slots_[i].count);
    }
  }
}

void Parameters::discard() {
  sum_.zero_();
  squared_norm_ = 0;
}

void Parameters::update(Workers& workers, const std::function<void(Range)>& work) {
  on_ranges(workers, kAlignment, [&](Range range) {
    work(range);
    if (averaged()) range.of(average_).lerp_(range.of(master_), 1 - average_decay_);
  });
  squared_norm_ = 0;
}

WeightMap Parameters::weights() const {
  WeightMap weights;
  for (const Slot& slot : slots_) weights[slot.name] = slot.of(kept());
  return weights;
}

void Parameters::load_weights(const WeightMap& weights) {
  torch::NoGradGuard no_gradient;
  for (const Slot& slot : slots_) {
    auto found = weights.find(slot.name);
    if (found == weights.end() || found->second.sizes() != at::IntArrayRef(slot.sizes)) {
      fail("the checkpoint has no fitting tensor {}: it belongs to another model", slot.name);
    }
    slot.of(kept()).copy_(found->second);
  }
  if (averaged()) master_.copy_(average_);
  if (copies().defined()) copies().copy_(master_);
}

Parameters::WithWeights::WithWeights(Parameters& parameters, const WeightMap& weights)
    : parameters_(parameters), before_(parameters.compute_.clone()) {
  torch::NoGradGuard no_gradient;
  for (const Slot& slot : parameters.slots_) {
    slot.of(parameters.compute_).copy_(weights.at(slot.name));
  }
}

Parameters::WithWeights::~WithWeights() {
  torch::NoGradGuard no_gradient;
  parameters_.compute_.copy_(before_);
}

}  // namespace heed
