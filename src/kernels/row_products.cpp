#include "kernels/row_products.h"

#include "kernels/torch.h"

#include <ATen/core/dispatch/Dispatcher.h>

#include "kernels/cpu.h"

namespace heed::kernels {
namespace {

// LibTorch's own door to oneDNN's product of dense tensors; null in a build without it.
const std::optional<c10::OperatorHandle>& onednn_linear() {
  static const std::optional<c10::OperatorHandle> found =
      c10::Dispatcher::singleton().findSchema({"mkldnn::_linear_pointwise", ""});
  return found;
}

}  // namespace

bool prefers_onednn(const at::Tensor& x) {
  return x.is_cpu() && x.scalar_type() == at::kFloat && x.numel() > 0 &&
         cpu_level() >= CpuLevel::kAvx512 && !cpu().intel && onednn_linear().has_value();
}

at::Tensor row_product(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  at::AutoDispatchBelowADInplaceOrView no_gradient;
  if (!prefers_onednn(x)) return at::linear(x, weight, bias);
  // Boxed, for the types of the unboxed call differ between versions of LibTorch.
  torch::jit::Stack stack;
  torch::jit::push(stack, x, weight, bias.defined() ? c10::IValue(bias) : c10::IValue(), "none",
                   c10::List<std::optional<at::Scalar>>(), c10::IValue());
  onednn_linear()->callBoxed(stack);
  return torch::jit::pop(stack).toTensor();
}

}  // namespace heed::kernels
