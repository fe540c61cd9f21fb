#include "model/attention_weights.h"

#include "kernels/torch.h"

#include <functional>
#include <map>

#include "kernels/dropout.h"

namespace heed {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Scores below the largest by more than this have no weight under sparsemax and entmax15; with it
// in place of -inf their sums stay finite.
constexpr double kFloor = -64;

// scores - max over the last dimension, in float32.
Tensor shifted(const Tensor& scores) {
  Tensor x = scores.to(torch::kFloat32);
  return (x - x.amax(-1, true)).clamp_min(kFloor);
}

// [S]: 1, 2, .. S
Tensor ranks(const Tensor& x) { return torch::arange(1, x.size(-1) + 1, x.options()); }

class SparsemaxFunction : public torch::autograd::Function<SparsemaxFunction> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& scores) {
    Tensor x = shifted(scores);
    Tensor sorted = std::get<0>(x.sort(-1, /*descending=*/true));
    Tensor sums = sorted.cumsum(-1) - 1;
    Tensor support = (ranks(x) * sorted > sums).sum(-1, true).clamp_min(1);  // 0 for NaN
    Tensor threshold = sums.gather(-1, support - 1) / support;
    Tensor weights = (x - threshold).clamp_min(0).to(scores.dtype());
    context->save_for_backward({weights});
    return weights;
  }
  // The Jacobian is that of a mean taken away on the support.
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    Tensor inside = (context->get_saved_variables()[0] > 0).to(torch::kFloat32);
    Tensor gradient = gradients[0].to(torch::kFloat32) * inside;
    Tensor mean = gradient.sum(-1, true) / inside.sum(-1, true);
    return {(inside * (gradient - mean)).to(gradients[0].dtype())};
  }
};

class Entmax15Function : public torch::autograd::Function<Entmax15Function> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& scores) {
    Tensor x = shifted(scores) / 2;
    Tensor sorted = std::get<0>(x.sort(-1, /*descending=*/true));
    Tensor rank = ranks(x);
    Tensor mean = sorted.cumsum(-1) / rank;
    Tensor mean_square = sorted.square().cumsum(-1) / rank;
    Tensor spread = rank * (mean_square - mean.square());
    Tensor thresholds = mean - ((1 - spread) / rank).clamp_min(0).sqrt();
    Tensor support = (thresholds <= sorted).sum(-1, true).clamp_min(1);
    Tensor threshold = thresholds.gather(-1, support - 1);
    Tensor weights = (x - threshold).clamp_min(0).square().to(scores.dtype());
    context->save_for_backward({weights});
    return weights;
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    Tensor root = context->get_saved_variables()[0].to(torch::kFloat32).sqrt();
    Tensor gradient = gradients[0].to(torch::kFloat32) * root;
    Tensor mean = gradient.sum(-1, true) / root.sum(-1, true);
    return {(gradient - mean * root).to(gradients[0].dtype())};
  }
};

Tensor one_hot(const Tensor& index, const Tensor& like) {
  return torch::zeros_like(like).scatter_(-1, index, 1);
}

class SoftmaxWeights : public AttentionWeights {
 public:
  WeightsResult operator()(const Tensor& scores, Phase) const override {
    return {torch::softmax(scores, -1), {}, {}};
  }
};

class SparsemaxWeights : public AttentionWeights {
 public:
  WeightsResult operator()(const Tensor& scores, Phase) const override {
    return {sparsemax(scores), {}, {}};
  }
};

class Entmax15Weights : public AttentionWeights {
 public:
  WeightsResult operator()(const Tensor& scores, Phase) const override {
    return {entmax15(scores), {}, {}};
  }
};

// One position has all the weight: the best one in evaluation, in training one that is drawn, once
// drawing has begun.
class DrawnWeights : public AttentionWeights {
 public:
  WeightsResult operator()(const Tensor& scores, Phase phase) const override {
    if (phase == Phase::kEvaluation) return {one_hot(scores.argmax(-1, true), scores), {}, {}};
    return drawing_ ? draw(scores) : WeightsResult{torch::softmax(scores, -1), {}, {}};
  }
  void set_drawing(bool drawing) override { drawing_ = drawing; }

 protected:
  virtual WeightsResult draw(const Tensor& scores) const = 0;

 private:
  bool drawing_ = true;
};

// Drawn from the soft-max (Xu et al., 2015, section 4.1). No gradient goes through the draw; the
// loss uses log_probability and entropy (equation 11 there). As there, a share of the rows stays
// soft.
class HardWeights : public DrawnWeights {
 public:
  explicit HardWeights(const ModelConfig& config) : share_(config.hard_share) {}

 protected:
  WeightsResult draw(const Tensor& scores) const override {
    Tensor log_soft = torch::log_softmax(scores.to(torch::kFloat32), -1);
    Tensor soft = log_soft.exp();
    // The generator is the CPU's: there it is drawn, whatever the device. A loss that is not a
    // number any more is for the trainer to see, not for the draw to fail at.
    at::Generator generator = kernels::next_generator();
    Tensor chances = soft.detach().flatten(0, 1).cpu().nan_to_num(1);
    Tensor index = torch::multinomial(chances, 1, false, generator)
                       .view({scores.size(0), scores.size(1), 1})
                       .to(soft.device());
    Tensor drawn = (torch::rand({scores.size(0), 1, 1}, generator) < share_).to(soft.device());
    Tensor weights = torch::where(drawn, one_hot(index, soft), soft).to(scores.dtype());
    Tensor log_probability = (log_soft.gather(-1, index) * drawn).squeeze(-1);
    Tensor entropy = -(soft * log_soft.clamp_min(kFloor)).sum(-1);
    return {weights, log_probability, entropy};
  }

 private:
  double share_;
};

// Straight-through Gumbel soft-max (Jang et al., 2017, section 2.2): the forward pass takes the
// best position of the perturbed scores, the backward pass the soft-max's gradient.
class GumbelWeights : public DrawnWeights {
 public:
  explicit GumbelWeights(const ModelConfig& config) : temperature_(config.hard_temperature) {}

 protected:
  WeightsResult draw(const Tensor& scores) const override {
    constexpr double kTiny = 1e-10;
    Tensor uniform =
        torch::rand(scores.sizes(), kernels::next_generator(), torch::kFloat32).to(scores.device());
    Tensor gumbel = -(-(uniform + kTiny).log() + kTiny).log();
    Tensor soft = torch::softmax((scores + gumbel) / temperature_, -1);
    Tensor hard = one_hot(soft.argmax(-1, true), soft);
    return {(hard + soft - soft.detach()).to(scores.dtype()), {}, {}};
  }

 private:
  double temperature_;
};

using WeightsMaker = std::function<std::unique_ptr<AttentionWeights>(const ModelConfig&)>;

// The kinds of model.attention_weights.
const std::map<WeightsKind, WeightsMaker>& weights_table() {
  static const std::map<WeightsKind, WeightsMaker> table = {
      {WeightsKind("softmax"), [](auto&) { return std::make_unique<SoftmaxWeights>(); }},
      {WeightsKind("sparsemax"), [](auto&) { return std::make_unique<SparsemaxWeights>(); }},
      {WeightsKind("entmax15"), [](auto&) { return std::make_unique<Entmax15Weights>(); }},
      {WeightsKind("hard"),
       [](const ModelConfig& config) -> std::unique_ptr<AttentionWeights> {
         if (config.hard_estimator == "gumbel") return std::make_unique<GumbelWeights>(config);
         return std::make_unique<HardWeights>(config);
       }},
  };
  return table;
}

}  // namespace

Tensor sparsemax(const Tensor& scores) { return SparsemaxFunction::apply(scores); }
Tensor entmax15(const Tensor& scores) { return Entmax15Function::apply(scores); }

std::unique_ptr<AttentionWeights> make_attention_weights(WeightsKind kind,
                                                         const ModelConfig& config) {
  return weights_table().at(kind)(config);
}

}  // namespace heed
