#include "kernels/shared_gradient.h"

#include "kernels/torch.h"

#include "kernels/row_products.h"

namespace heed::kernels {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

thread_local SharedGradients* current = nullptr;

class ShareFunction : public torch::autograd::Function<ShareFunction> {
 public:
  static variable_list forward(AutogradContext* context, at::TensorList tensors,
                               const c10::intrusive_ptr<Notes>& notes) {
    context->set_materialize_grads(false);  // none ever comes
    context->saved_data["notes"] = Notes::pack(notes);
    context->saved_data["inputs"] = static_cast<int64_t>(tensors.size());
    variable_list aliases;
    for (const at::Tensor& tensor : tensors) aliases.push_back(tensor.detach());
    return aliases;
  }
  static variable_list backward(AutogradContext* context, const variable_list&) {
    variable_list gradients = Notes::unpack(context->saved_data["notes"])->finish();
    gradients.resize(context->saved_data["inputs"].toInt() + 1);  // none of the notes
    return gradients;
  }
};

class LinearFunction : public torch::autograd::Function<LinearFunction> {
 public:
  // inputs: x [N, in], weight, bias where there is one
  static at::Tensor forward(AutogradContext* context, at::TensorList inputs,
                            const c10::intrusive_ptr<Notes>& notes) {
    context->save_for_backward({inputs[0], inputs[1]});
    context->saved_data["inputs"] = static_cast<int64_t>(inputs.size());
    if (notes) context->saved_data["notes"] = Notes::pack(notes);
    return row_product(inputs[0], inputs[1], inputs.size() > 2 ? inputs[2] : at::Tensor());
  }
  static variable_list backward(AutogradContext* context, variable_list gradients) {
    auto saved = context->get_saved_variables();
    variable_list out(context->saved_data["inputs"].toInt() + 1);
    if (context->needs_input_grad(0)) out[0] = row_product(gradients[0], saved[1].t());
    if (context->needs_input_grad(1)) {
      Notes::unpack(context->saved_data["notes"])->add({saved[0], gradients[0]});
    }
    return out;
  }
};

}  // namespace

at::Tensor joined(const std::vector<Tensors>& notes, size_t part, int64_t dimension) {
  if (notes.size() == 1) return notes[0][part];
  Tensors parts;
  for (const Tensors& note : notes) parts.push_back(note[part]);
  return at::cat(parts, dimension);
}

Tensors Notes::finish() {
  if (notes_.empty()) return Tensors();
  Tensors gradients = finish_(notes_);
  notes_.clear();
  return gradients;
}

c10::IValue Notes::pack(const c10::intrusive_ptr<Notes>& notes) {
  return c10::IValue::make_capsule(notes);
}

c10::intrusive_ptr<Notes> Notes::unpack(const c10::IValue& packed) {
  return c10::static_intrusive_pointer_cast<Notes>(packed.toCapsule());
}

SharedGradients::SharedGradients() : outer_(current) { current = this; }
SharedGradients::~SharedGradients() { current = outer_; }
bool SharedGradients::active() { return current != nullptr && at::GradMode::is_enabled(); }

Shared SharedGradients::share(const Tensors& tensors, const Notes::Finish& finish) {
  bool wanted = at::GradMode::is_enabled() &&
                std::any_of(tensors.begin(), tensors.end(),
                            [](const at::Tensor& tensor) { return tensor.requires_grad(); });
  if (!wanted) return {tensors, {}};
  const at::TensorImpl* key = tensors[0].unsafeGetTensorImpl();
  if (current != nullptr) {
    auto found = current->shared_.find(key);
    if (found != current->shared_.end()) return found->second.shared;
  }
  auto notes = c10::make_intrusive<Notes>(finish);
  Shared shared{ShareFunction::apply(at::TensorList(tensors), notes), notes};
  if (current != nullptr) current->shared_.emplace(key, Entry{tensors[0], shared});
  return shared;
}

Shared share_weight(const at::Tensor& weight, const at::Tensor& bias) {
  Tensors tensors{weight};
  if (bias.defined()) tensors.push_back(bias);
  bool biased = bias.defined();
  return SharedGradients::share(tensors, [biased](const std::vector<Tensors>& notes) {
    at::Tensor change = joined(notes, 1, 0), x = joined(notes, 0, 0);
    Tensors gradients{weight_product(change, x)};
    if (biased) gradients.push_back(row_sum(change).to(change.scalar_type()));
    return gradients;
  });
}

at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  bool records = at::GradMode::is_enabled() && (x.requires_grad() || weight.requires_grad() ||
                                                (bias.defined() && bias.requires_grad()));
  if (!records) return row_product(x, weight, bias);
  if (!SharedGradients::active() && !has_grid(x) && !prefers_onednn(x)) {
    return at::linear(x, weight, bias);
  }
  Shared shared = share_weight(weight, bias);
  Tensors inputs{x.reshape({-1, weight.size(1)})};
  inputs.insert(inputs.end(), shared.tensors.begin(), shared.tensors.end());
  std::vector<int64_t> sizes = x.sizes().vec();
  sizes.back() = weight.size(0);
  return LinearFunction::apply(at::TensorList(inputs), shared.notes).view(sizes);
}

}  // namespace heed::kernels
