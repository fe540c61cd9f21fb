#include "kernels/packed_linear.h"

#include "kernels/torch.h"

#include <algorithm>

#include "kernels/bfloat16_linear.h"
#include "kernels/int8_linear.h"
#include "kernels/products.h"
#include "kernels/simd.h"
#include "util/error.h"

namespace heed::kernels {
namespace {

constexpr int64_t kPanel = 32;  // outputs side by side: what the product keeps in registers a row
constexpr int64_t kGrainPanels = 16;

// Panels of kPanel outputs, each [in, kPanel], zero beyond `out`.
class Float32Linear : public PackedLinear {
 public:
  Float32Linear(const at::Tensor& weight, const at::Tensor& bias)
      : PackedLinear(weight, bias), panels_(panels() * in() * kPanel) {
    at::Tensor w = weight.to(at::kFloat).contiguous();
    const auto* rows = w.const_data_ptr<float>();
    for (int64_t o = 0; o < out(); ++o) {
      for (int64_t i = 0; i < in(); ++i) at(o, i) = rows[o * in() + i];
    }
  }
  Float32Linear(const Float32Linear& whole, std::span<const int32_t> outputs)
      : PackedLinear(whole, outputs), panels_(panels() * in() * kPanel) {
    for (int64_t o = 0; o < out(); ++o) {
      for (int64_t i = 0; i < in(); ++i) at(o, i) = whole.at(outputs[o], i);
    }
  }

  void apply(const float* x, int64_t rows, float* y) const override {
    at::parallel_for(0, panels(), kGrainPanels, [&](int64_t begin, int64_t end) {
      for (int64_t panel = begin; panel < end; ++panel) apply_panel(panel, x, rows, y);
    });
  }

  std::shared_ptr<const PackedLinear> select(std::span<const int32_t> outputs) const override {
    return std::make_shared<Float32Linear>(*this, outputs);
  }

  int64_t bytes() const override { return std::ssize(panels_) * sizeof(float); }

 private:
  int64_t panels() const { return (out() + kPanel - 1) / kPanel; }
  float at(int64_t o, int64_t i) const {
    return panels_[(o / kPanel * in() + i) * kPanel + o % kPanel];
  }
  float& at(int64_t o, int64_t i) { return panels_[(o / kPanel * in() + i) * kPanel + o % kPanel]; }

  void apply_panel(int64_t panel, const float* x, int64_t rows, float* y) const {
    int64_t first = panel * kPanel, count = std::min(kPanel, out() - first);
    ConstTile weight{panels_.data() + first * in(), kPanel};
    const float* added = bias() ? bias() + first : nullptr;
    if (in_lanes(count) == count) {
      multiply({x, in(), 1}, weight, {y + first, out()}, {rows, in(), count}, added);
      return;
    }
    float filled_up[kPanel] = {};  // the bias, zero beyond `out`
    if (added) std::copy_n(added, count, filled_up);
    Floats wide(rows * kPanel);
    multiply({x, in(), 1}, weight, {wide.data(), kPanel}, {rows, in(), in_lanes(count)}, filled_up);
    for (int64_t row = 0; row < rows; ++row) {
      std::copy_n(wide.data() + row * kPanel, count, y + row * out() + first);
    }
  }

  Floats panels_;  // [panels, in, kPanel]
};

}  // namespace

PackedLinear::PackedLinear(const at::Tensor& weight, const at::Tensor& bias) {
  if (!weight.is_cpu()) fail("packed_linear: a weight on the CPU is wanted");
  if (weight.dim() != 2) {
    fail("packed_linear: a weight [out, in] is wanted, got {} dimensions", weight.dim());
  }
  out_ = weight.size(0);
  in_ = weight.size(1);
  if (bias.defined() && (bias.dim() != 1 || bias.size(0) != out_)) {
    fail("packed_linear: a bias of {} numbers for a weight of {} outputs", bias.numel(), out_);
  }
  if (bias.defined()) bias_ = bias.detach().to(at::kFloat).contiguous();
}

PackedLinear::PackedLinear(const PackedLinear& whole, std::span<const int32_t> outputs)
    : in_(whole.in_), out_(static_cast<int64_t>(outputs.size())) {
  for (int32_t output : outputs) {
    if (output < 0 || output >= whole.out_) {
      fail("packed_linear: output {} of {} was selected", output, whole.out_);
    }
  }
  if (!whole.bias_.defined()) return;
  bias_ = at::empty({out_}, at::kFloat);
  for (int64_t o = 0; o < out_; ++o) {
    bias_.mutable_data_ptr<float>()[o] = whole.bias()[outputs[o]];
  }
}

at::Tensor PackedLinear::operator()(const at::Tensor& x) const {
  if (x.scalar_type() != at::kFloat || x.size(-1) != in_) {
    fail("packed_linear: expected float32 rows of {}, got {} rows of {}", in_,
         c10::toString(x.scalar_type()), x.size(-1));
  }
  at::Tensor input = x.contiguous();
  auto sizes = input.sizes().vec();
  sizes.back() = out_;
  at::Tensor y = at::empty(sizes, input.options());
  apply(input.const_data_ptr<float>(), input.numel() / in_, y.mutable_data_ptr<float>());
  return y;
}

std::shared_ptr<const PackedLinear> pack(const at::Tensor& weight, const at::Tensor& bias,
                                         Packing packing) {
  at::Tensor w = weight.detach();
  if (packing == Packing::kInt8) return pack_int8(w, bias);
  if (packing == Packing::kBfloat16) return pack_bfloat16(w, bias);
  return std::make_shared<Float32Linear>(w, bias);
}

}  // namespace heed::kernels
