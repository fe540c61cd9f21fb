// Which parts of the flat gradients are complete while backward passes go on.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>

namespace heed {

// The flat gradients of all replicas are looked at in parts of equal size. A part is complete once
// every replica has added all that its backward pass adds there.
class GradientWatch {
 public:
  GradientWatch(int64_t size, int64_t part_size);
  ~GradientWatch();
  GradientWatch(const GradientWatch&) = delete;

  // Watches a replica's parameter, whose gradient is [offset, offset + count) of the flat one.
  void add(const at::Tensor& parameter, int64_t offset, int64_t count);

  // To be called before the backward passes of all replicas, one each, and after them. What has no
  // part in the loss is complete only then.
  void begin();
  void end();

  int64_t parts() const;
  // Waits until the part is complete.
  void wait(int64_t part) const;

 private:
  struct State;
  std::shared_ptr<State> state_;  // the parameters' hooks have it too, and live on
};

}  // namespace heed
