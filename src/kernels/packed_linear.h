// y = x W^T + b for translation: the weight is laid out once as its kernel reads it, so that a
// product of a few rows costs what its numbers cost.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <span>

namespace heed::kernels {

// A weight [out, in] and a bias [out] (or none), with which rows are multiplied.
class PackedLinear {
 public:
  // bias may be undefined. Throws Error for a weight that is not on the CPU, and for sizes that do
  // not fit: the products read what these say without looking again.
  PackedLinear(const at::Tensor& weight, const at::Tensor& bias);
  virtual ~PackedLinear() = default;
  PackedLinear(const PackedLinear&) = delete;

  // x [rows, in] -> y [rows, out]. A row of y depends on no other row of x, to the bit.
  virtual void apply(const float* x, int64_t rows, float* y) const = 0;
  // x [..., in] float32 on the CPU -> [..., out]. Throws Error for another type or width.
  at::Tensor operator()(const at::Tensor& x) const;
  // The same for some outputs alone, in the order named: their numbers do not change. Throws Error
  // for an output that is not there.
  virtual std::shared_ptr<const PackedLinear> select(std::span<const int32_t> outputs) const = 0;

  // Of the weight as it is laid out: what a product reads.
  virtual int64_t bytes() const = 0;
  int64_t in() const { return in_; }
  int64_t out() const { return out_; }

 protected:
  // `outputs` of another one.
  PackedLinear(const PackedLinear& whole, std::span<const int32_t> outputs);
  const float* bias() const { return bias_.defined() ? bias_.const_data_ptr<float>() : nullptr; }

 private:
  int64_t in_, out_;
  at::Tensor bias_;
};

enum class Packing { kFloat32, kBfloat16, kInt8 };

// weight [out, in] in float32 or bfloat16, bias [out] or undefined. See bfloat16_linear.h and
// int8_linear.h for what these round.
std::shared_ptr<const PackedLinear> pack(const at::Tensor& weight, const at::Tensor& bias,
                                         Packing packing);

}  // namespace heed::kernels
