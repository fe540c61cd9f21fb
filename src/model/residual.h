// The residual connections of a Transformer's layers.
#pragma once

#include <utility>

#include "model/layers.h"

namespace heed {

struct ResidualOptions {
  bool pre_norm;
  double dropout;  // 0 where not training
};

// What runs through the layers, x [B, T, H], and what each sublayer makes of it:
// x + dropout(f(norm(x))), or, post-norm, norm(x + dropout(f(x))). A sublayer's output waits for
// the norm that comes next, in the next layer too: sum and norm are one pass.
class Residual {
 public:
  Residual(Tensor x, const ResidualOptions& options) : x_(std::move(x)), options_(options) {}

  template <typename Function>
  void add(const LayerNorm& norm, Function&& sublayer) {
    if (options_.pre_norm) {
      waiting_ = sublayer(normalised(norm));
    } else {
      waiting_ = sublayer(x_);
      x_ = normalised(norm);
    }
  }

  // x with all that was added to it, and the norm of that.
  Tensor sum() const;
  Tensor normalised(const LayerNorm& norm);

 private:
  Tensor x_, waiting_;  // waiting_ is undefined where nothing waits
  ResidualOptions options_;
};

}  // namespace heed
