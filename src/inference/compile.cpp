#include "inference/compile.h"

#include "inference/recurrent.h"
#include "inference/transformer.h"
#include "kernels/torch.h"

namespace heed {
namespace {

// Fills one module's own parameters; a linear layer's are packed where `placement` says so.
void fill(torch::nn::Module& module, const std::string& prefix, const WeightSource& weights,
          const Placement& placement) {
  auto* linear = placement.packing ? module.as<Linear>() : nullptr;
  if (linear != nullptr) {
    Tensor weight = weights(prefix + "weight", linear->weight.sizes()), bias;
    if (linear->bias.defined()) bias = weights(prefix + "bias", linear->bias.sizes());
    linear->pack(weight, bias, *placement.packing);
    return;
  }
  for (auto& item : module.named_parameters(/*recurse=*/false)) {
    Tensor weight = weights(prefix + item.key(), item.value().sizes());
    item.value().set_data(weight.to(placement.device, placement.type));
  }
}

// A module tree of its own: the model's layers with weights for translation alone.
template <typename Model, typename Compiled>
std::shared_ptr<const Inference> compile_as(const ModelShape& shape, const WeightSource& weights,
                                            const Placement& placement) {
  torch::NoGradGuard no_gradient;
  std::shared_ptr<Model> model;
  {
    WithoutWeights room_alone;
    model = std::make_shared<Model>(shape);
  }
  for (const auto& item : model->named_modules("", /*include_self=*/false)) {
    fill(*item.value(), item.key() + ".", weights, placement);
  }
  model->eval();
  auto [weight, bias] = model->release_output();
  OutputLayer output =
      placement.packing ? OutputLayer(weight, bias, *placement.packing) : OutputLayer(weight, bias);
  return std::make_shared<const Compiled>(std::move(model), std::move(output), placement);
}

}  // namespace

std::shared_ptr<const Inference> compile(const Seq2Seq& model, const Placement& placement) {
  auto parameters = model.named_parameters();
  auto copy = [&](const std::string& name, at::IntArrayRef) {
    return parameters[name].detach().to(torch::kCPU, torch::kFloat32, /*non_blocking=*/false,
                                        /*copy=*/true);
  };
  return compile(model.shape(), copy, placement);
}

std::shared_ptr<const Inference> compile(const ModelShape& shape, const WeightSource& weights,
                                         const Placement& placement) {
  if (shape.config.architecture == "transformer") {
    return compile_as<Transformer, TransformerInference>(shape, weights, placement);
  }
  return compile_as<Recurrent, RecurrentInference>(shape, weights, placement);
}

}  // namespace heed
