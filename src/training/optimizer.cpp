#include "training/optimizer.h"

#include "model/torch.h"

#include <cmath>

#include "util/error.h"

namespace heed {
namespace {

constexpr int64_t kAlignment = 16;  // elements: a cache line of float32

int64_t aligned(int64_t size) { return (size + kAlignment - 1) / kAlignment * kAlignment; }

}  // namespace

Optimizer::Optimizer(Seq2Seq& model, const TrainingConfig& config, torch::ScalarType type)
    : config_(config), type_(type) {
  torch::NoGradGuard no_gradient;
  lay_out(model);
  auto options = torch::dtype(torch::kFloat32).device(model.device());
  master_ = torch::zeros({size_}, options);
  for (const Slot& slot : slots_) slice(master_, slot).copy_(slot.parameter);
  compute_ = type == torch::kFloat32 ? master_ : master_.to(type);
  gradient_ = torch::zeros_like(compute_);
  sum_ = torch::zeros_like(master_);
  first_ = torch::zeros_like(master_);
  if (config.optimizer != "sgd") second_ = torch::zeros_like(master_);
  if (config.average_decay > 0) average_ = master_.clone();
  steps_ = torch::zeros({}, options);
  for (Slot& slot : slots_) {
    slot.parameter.set_data(slice(compute_, slot));
    slot.parameter.mutable_grad() = slice(gradient_, slot);
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

void Optimizer::accumulate() {
  torch::NoGradGuard no_gradient;
  sum_.add_(gradient_);
  gradient_.zero_();
}

Update Optimizer::step(double learning_rate, double tokens) {
  torch::NoGradGuard no_gradient;
  double norm = sum_.norm().item<double>() / tokens;
  if (!std::isfinite(norm)) {
    sum_.zero_();
    return {norm, false};
  }
  double scale = 1 / tokens;
  if (config_.clip_norm > 0 && norm > config_.clip_norm) scale *= config_.clip_norm / norm;
  sum_.mul_(scale);
  steps_.add_(1);
  auto update = [&](int64_t begin, int64_t end, double weight_decay) {
    if (begin == end) return;
    auto part = [&](const Tensor& flat) {
      return flat.defined() ? flat.slice(0, begin, end) : flat;
    };
    update_group(part(master_), part(sum_), part(first_), part(second_), learning_rate,
                 weight_decay);
  };
  update(0, matrices_, config_.weight_decay);
  update(matrices_, size_, 0);
  sum_.zero_();
  if (average_.defined()) average_.lerp_(master_, 1 - config_.average_decay);
  copy_to_model(master_);
  return {norm, true};
}

void Optimizer::update_group(const Tensor& master, const Tensor& gradient, const Tensor& first,
                             const Tensor& second, double learning_rate, double weight_decay) {
  if (config_.optimizer == "sgd") {
    // LibTorch refuses momentum buffers where there is no momentum.
    auto buffers = config_.momentum > 0 ? at::TensorList(first) : at::TensorList();
    torch::_fused_sgd_({master}, {gradient}, buffers, weight_decay, config_.momentum, learning_rate,
                       /*dampening=*/0.0, /*nesterov=*/false, /*maximize=*/false,
                       /*is_first_step=*/false);
    return;
  }
  auto fused = [&](auto&& function) {
    function(at::TensorList{master}, at::TensorList{gradient}, at::TensorList{first},
             at::TensorList{second}, at::TensorList{}, at::TensorList{steps_});
  };
  if (config_.optimizer == "adamw") {
    fused([&](auto&&... lists) {
      torch::_fused_adamw_(lists..., learning_rate, config_.beta1, config_.beta2, weight_decay,
                           config_.epsilon, /*amsgrad=*/false, /*maximize=*/false);
    });
    return;
  }
  fused([&](auto&&... lists) {
    torch::_fused_adam_(lists..., learning_rate, config_.beta1, config_.beta2, weight_decay,
                        config_.epsilon, /*amsgrad=*/false, /*maximize=*/false);
  });
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
