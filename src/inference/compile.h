// From a model, or its weights in a file, to what translates.
#pragma once

#include <functional>

#include "inference/model_inference.h"

namespace heed {

// Gives the float32 weight of a name and of these sizes, on the CPU, as the caller's own. Each is
// asked for once. Throws Error where it has none.
using WeightSource = std::function<Tensor(const std::string& name, at::IntArrayRef sizes)>;

// A snapshot of the model: later changes of its weights change nothing here.
std::shared_ptr<const Inference> compile(const Seq2Seq& model, const Placement& placement);

// The model of `shape` with these weights. Holds at no time more than what it keeps and one weight
// in float32. Throws Error as `weights` does.
std::shared_ptr<const Inference> compile(const ModelShape& shape, const WeightSource& weights,
                                         const Placement& placement);

}  // namespace heed
