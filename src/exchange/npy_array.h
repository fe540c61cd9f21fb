// NumPy's .npy form, https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html: what
// an .npz file has as members.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <string_view>

namespace heed {

// The array in a file's content: float32, float16, float64 or int8, little-endian, row after row.
// `where` is for messages. Throws Error where the content is none, is cut off, or holds other
// numbers.
at::Tensor parse_npy(std::string_view content, const std::string& where);

}  // namespace heed
