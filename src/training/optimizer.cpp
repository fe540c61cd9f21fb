#include "training/optimizer.h"

#include "kernels/torch.h"

#include <algorithm>
#include <cmath>

#include "util/error.h"

namespace heed {
namespace {

constexpr int64_t kAlignment = 16;  // elements: a cache line of float32

int64_t aligned(int64_t size) { return (size + kAlignment - 1) / kAlignment * kAlignment; }

}  // namespace

Optimizer::Optimizer(const std::vector<Seq2Seq*>& models, const TrainingConfig& config,
                     torch::ScalarType type, Workers& workers)
    : config_(config), type_(type), workers_(workers) {
  torch::NoGradGuard no_gradient;
  lay_out(*models[0]);
  auto options = torch::dtype(torch::kFloat32).device(models[0]->device());
  master_ = torch::zeros({size_}, options);
  for (const Slot& slot : slots_) slice(master_, slot).copy_(slot.parameter);
  compute_ = type == torch::kFloat32 ? master_ : master_.to(type);
  sum_ = torch::zeros_like(master_);
  first_ = torch::zeros_like(master_);
  if (config.optimizer != "sgd") second_ = torch::zeros_like(master_);
  if (config.average_decay > 0) average_ = master_.clone();
  steps_ = torch::zeros({}, options);
  for (Seq2Seq* model : models) {
    gradients_.push_back(torch::zeros_like(compute_));
    share(*model, gradients_.back());
  }
}

void Optimizer::share(Seq2Seq& model, const Tensor& gradient) const {
  auto parameters = model.named_parameters();
  for (const Slot& slot : slots_) {
    Tensor& parameter = parameters[slot.name];
    parameter.set_data(slice(compute_, slot));
    parameter.mutable_grad() = slice(gradient, slot);
  }
}

void Optimizer::lay_out(Seq2Seq& model) {
  auto parameters = model.named_parameters();
  for (bool matrix : {true, false}) {
    for (auto& item : parameters) {
      if ((item.value().dim() > 1) != matrix) continue;
      slots_.push_back({item.key(), item.value(), size_});
      size_ += aligned(item.value().numel());
      count_ += item.value().numel();
    }
    if (matrix) matrices_ = size_;
  }
}

Tensor Optimizer::slice(const Tensor& flat, const Slot& slot) const {
  return flat.narrow(0, slot.offset, slot.parameter.numel()).view(slot.parameter.sizes());
}

Tensor Optimizer::Range::of(const Tensor& flat) const {
  return flat.defined() ? flat.slice(0, begin, end) : flat;
}

double Optimizer::on_ranges(const std::function<double(Range)>& work) {
  int64_t count = workers_.count(), lines = size_ / kAlignment;
  std::vector<double> results(count);
  workers_.run([&](int64_t i) {
    torch::NoGradGuard no_gradient;
    Range range{lines * i / count * kAlignment, lines * (i + 1) / count * kAlignment};
    if (range.begin < range.end) results[i] = work(range);
  });
  double sum = 0;
  for (double result : results) sum += result;
  return sum;
}

void Optimizer::accumulate() {
  squared_norm_ = on_ranges([&](Range range) {
    std::vector<Tensor> gradients;
    for (const Tensor& gradient : gradients_) gradients.push_back(range.of(gradient));
    return kernels::sum_gradients(range.of(sum_), gradients);
  });
}

void Optimizer::discard() {
  sum_.zero_();
  squared_norm_ = 0;
}

Update Optimizer::step(double learning_rate, double tokens) {
  torch::NoGradGuard no_gradient;
  double norm = std::sqrt(squared_norm_) / tokens;
  if (!std::isfinite(norm)) {
    discard();
    return {norm, false};
  }
  double scale = 1 / tokens;
  if (config_.clip_norm > 0 && norm > config_.clip_norm) scale *= config_.clip_norm / norm;
  steps_.add_(1);
  on_ranges([&](Range range) {
    Range decayed{range.begin, std::min(range.end, matrices_)};
    Range others{std::max(range.begin, matrices_), range.end};
    update_group(decayed, learning_rate, config_.weight_decay, scale);
    update_group(others, learning_rate, 0, scale);
    if (average_.defined()) {
      range.of(average_).lerp_(range.of(master_), 1 - config_.average_decay);
    }
    return 0.0;
  });
  squared_norm_ = 0;
  return {norm, true};
}

void Optimizer::update_group(Range range, double learning_rate, double weight_decay, double scale) {
  if (range.begin >= range.end) return;
  if (config_.optimizer == "sgd") return update_sgd(range, learning_rate, weight_decay, scale);
  kernels::AdamStep step{learning_rate,          config_.beta1, config_.beta2,
                         config_.epsilon,        weight_decay,  config_.optimizer == "adamw",
                         steps_.item<int64_t>(), scale};
  Tensor compute = compute_.is_same(master_) ? Tensor() : range.of(compute_);
  kernels::adam_update(
      {range.of(master_), range.of(sum_), range.of(first_), range.of(second_), compute}, step);
}

void Optimizer::update_sgd(Range range, double learning_rate, double weight_decay, double scale) {
  Tensor master = range.of(master_), sum = range.of(sum_), first = range.of(first_);
  // LibTorch refuses momentum buffers where there is no momentum.
  auto buffers = config_.momentum > 0 ? at::TensorList(first) : at::TensorList();
  sum.mul_(scale);
  torch::_fused_sgd_({master}, {sum}, buffers, weight_decay, config_.momentum, learning_rate,
                     /*dampening=*/0.0, /*nesterov=*/false, /*maximize=*/false,
                     /*is_first_step=*/false);
  sum.zero_();
  if (!compute_.is_same(master_)) range.of(compute_).copy_(master);
}

void Optimizer::copy_to_model(const Tensor& flat) {
  if (!compute_.is_same(flat)) compute_.copy_(flat);
}

std::map<std::string, Tensor> Optimizer::state() const {
  std::map<std::string, Tensor> state = {{"first", first_}, {"steps", steps_}};
  if (second_.defined()) state["second"] = second_;
  if (average_.defined()) state["master"] = master_;
  return state;
}

void Optimizer::load_state(const std::map<std::string, Tensor>& state) {
  torch::NoGradGuard no_gradient;
  std::map<std::string, Tensor> own = this->state();
  // Without an average the weights are the masters; a training that switches it on begins with
  // them, one that switches it off goes on from them.
  own.erase("master");
  if (average_.defined()) master_.copy_(average_);
  if (state.contains("master")) own["master"] = master_;
  for (auto& [name, tensor] : own) {
    auto found = state.find(name);
    if (found == state.end() || found->second.sizes() != tensor.sizes()) {
      fail(
          "the checkpoint's optimizer state has no fitting tensor {}: it was made with another "
          "training.optimizer or another model",
          name);
    }
    tensor.copy_(found->second);
  }
  copy_to_model(master_);
}

std::map<std::string, Tensor> Optimizer::weights() const {
  std::map<std::string, Tensor> weights;
  for (const Slot& slot : slots_) {
    weights[slot.name] = slice(average_.defined() ? average_ : master_, slot);
  }
  return weights;
}

void Optimizer::load_weights(const std::map<std::string, Tensor>& weights) {
  torch::NoGradGuard no_gradient;
  for (const Slot& slot : slots_) {
    auto found = weights.find(slot.name);
    if (found == weights.end() || found->second.sizes() != slot.parameter.sizes()) {
      fail("the checkpoint has no fitting tensor {}: it belongs to another model", slot.name);
    }
    slice(average_.defined() ? average_ : master_, slot).copy_(found->second);
  }
  copy_to_model(master_);
}

void Optimizer::show_to_model(const Tensor& flat) {
  torch::NoGradGuard no_gradient;
  if (!average_.defined()) return;
  if (type_ != torch::kFloat32) {
    copy_to_model(flat);
    return;
  }
  // The model's parameters are master_ itself: it and the average change places, and back.
  Tensor keep = master_.clone();
  master_.copy_(average_);
  average_.copy_(keep);
}

Optimizer::WithAverage::WithAverage(Optimizer& optimizer) : optimizer_(optimizer) {
  optimizer_.show_to_model(optimizer_.average_);
}

Optimizer::WithAverage::~WithAverage() { optimizer_.show_to_model(optimizer_.master_); }

}  // namespace heed
