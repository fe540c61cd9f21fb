#include "kernels/row_products.h"

#include "kernels/torch.h"

#include <ATen/core/dispatch/Dispatcher.h>

#include <bit>

#include "kernels/cpu.h"
#include "kernels/rows.h"

namespace heed::kernels {
namespace {

// LibTorch's own door to oneDNN's product of dense tensors; null in a build without it.
const std::optional<c10::OperatorHandle>& onednn_linear() {
  static const std::optional<c10::OperatorHandle> found =
      c10::Dispatcher::singleton().findSchema({"mkldnn::_linear_pointwise", ""});
  return found;
}

constexpr int64_t kSmall = 256;  // rows: so few are copied at no cost worth a second product

bool is_on_grid(const at::Tensor& x) { return has_grid(x) && x.dim() == 2 && x.numel() > 0; }

int64_t up_to_multiple(int64_t rows, int64_t step) { return (rows + step - 1) / step * step; }

// The rows of x [N, in] from `first` on, and zeros up to `rows` rows.
at::Tensor filled_up(const at::Tensor& x, int64_t first, int64_t rows) {
  int64_t count = x.size(0) - first;
  at::Tensor filled = at::empty({rows, x.size(1)}, x.options());
  filled.narrow(0, 0, count).copy_(x.narrow(0, first, count));
  filled.narrow(0, count, rows - count).zero_();
  return filled;
}

at::Tensor product_on_grid(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  int64_t rows = x.size(0);
  RowGrid grid = on_grid(rows);
  if (grid.padded == 0) return at::linear(x, weight, bias);
  at::Tensor rest = at::linear(filled_up(x, grid.main, grid.padded), weight, bias);
  if (grid.main == 0) return rest.narrow(0, 0, rows);
  at::Tensor out = at::empty({rows, weight.size(0)}, x.options());
  at::Tensor main = out.narrow(0, 0, grid.main);
  if (bias.defined()) {
    at::addmm_out(main, bias, x.narrow(0, 0, grid.main), weight.t());
  } else {
    at::mm_out(main, x.narrow(0, 0, grid.main), weight.t());
  }
  out.narrow(0, grid.main, rows - grid.main).copy_(rest.narrow(0, 0, rows - grid.main));
  return out;
}

}  // namespace

RowGrid on_grid(int64_t rows) {
  int64_t octave = static_cast<int64_t>(std::bit_floor(static_cast<uint64_t>(rows)));
  if (rows <= kSmall) {
    int64_t padded = up_to_multiple(rows, std::max<int64_t>(octave / 8, 8));
    return padded == rows ? RowGrid{rows, 0} : RowGrid{0, padded};
  }
  int64_t step = octave / 8;
  int64_t main = rows / step * step;
  return {main, up_to_multiple(rows - main, step / 4)};
}

bool has_grid(const at::Tensor& x) { return x.is_cpu() && x.scalar_type() == at::kBFloat16; }

bool prefers_onednn(const at::Tensor& x) {
  return x.is_cpu() && x.scalar_type() == at::kFloat && x.numel() > 0 &&
         cpu_level() >= CpuLevel::kAvx512 && !cpu().intel && onednn_linear().has_value();
}

at::Tensor row_product(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  at::AutoDispatchBelowADInplaceOrView no_gradient;
  if (is_on_grid(x)) return product_on_grid(x, weight, bias);
  if (!prefers_onednn(x)) return at::linear(x, weight, bias);
  // Boxed, for the types of the unboxed call differ between versions of LibTorch.
  torch::jit::Stack stack;
  torch::jit::push(stack, x, weight, bias.defined() ? c10::IValue(bias) : c10::IValue(), "none",
                   c10::List<std::optional<at::Scalar>>(), c10::IValue());
  onednn_linear()->callBoxed(stack);
  return torch::jit::pop(stack).toTensor();
}

at::Tensor weight_product(const at::Tensor& change, const at::Tensor& x, at::Tensor sum) {
  at::AutoDispatchBelowADInplaceOrView no_gradient;
  RowGrid grid = is_on_grid(x) ? on_grid(x.size(0)) : RowGrid{x.size(0), 0};
  auto add = [&](const at::Tensor& rows_of_change, const at::Tensor& rows) {
    if (sum.defined()) {
      sum.addmm_(rows_of_change.t(), rows);
    } else {
      sum = at::mm(rows_of_change.t(), rows);
    }
  };
  // The rest first: what it is rounded to is the smaller error.
  if (grid.padded > 0) {
    add(filled_up(change, grid.main, grid.padded), filled_up(x, grid.main, grid.padded));
  }
  if (grid.padded == 0 || grid.main > 0) {
    add(change.narrow(0, 0, grid.main), x.narrow(0, 0, grid.main));
  }
  return sum;
}

at::Tensor row_sum(const at::Tensor& change) {
  if (!has_kernel(change) || !change.is_contiguous()) return change.sum(0);
  constexpr int64_t kColumns = 1024;  // a thread's sums stay in the cache
  int64_t rows = change.size(0), size = change.size(1);
  at::Tensor sums = at::zeros({size}, change.options().dtype(at::kFloat));
  with_number_of(change, [&](auto number) {
    const auto* from = read<decltype(number)>(change);
    float* to = sums.mutable_data_ptr<float>();
    at::parallel_for(0, size, kColumns, [&](int64_t begin, int64_t end) {
      for (int64_t first = begin; first < end; first += kColumns) {
        int64_t columns = std::min(kColumns, end - first);
        add_columns(from + first, to + first, {rows, columns, size});
      }
    });
  });
  return sums;
}

}  // namespace heed::kernels
