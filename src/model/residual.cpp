#include "model/residual.h"

#include "kernels/add_norm.h"
#include "kernels/dropout.h"

namespace heed {

Tensor Residual::sum() const {
  return waiting_.defined() ? x_ + kernels::dropout(waiting_, options_.dropout) : x_;
}

Tensor Residual::normalised(const LayerNorm& norm) {
  if (!waiting_.defined()) return norm(x_);
  auto result =
      kernels::add_norm(x_, std::exchange(waiting_, {}), options_.dropout, norm.tensors());
  x_ = result.sum;
  return result.normalised;
}

}  // namespace heed
