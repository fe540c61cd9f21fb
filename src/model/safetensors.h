// Tensors by name in a safetensors file: an 8-byte header length, a JSON header, the data. A
// checksum over header and data stands in the header's metadata; loading verifies it.
#pragma once

#include <torch/types.h>

#include <map>
#include <string>

namespace heed {

struct TensorFile {
  std::map<std::string, torch::Tensor> tensors;  // on the CPU, in the types of the file
  std::map<std::string, std::string> metadata;
};

// Atomically: `path` holds the old content or the new. Throws Error naming the path and the cause.
void write_safetensors(const std::string& path, const TensorFile& content);

// Throws Error naming the path for a file that is cut off, changed or no safetensors at all; never
// allocates more than the file's size. Files without a checksum (made elsewhere) are accepted.
TensorFile read_safetensors(const std::string& path);

}  // namespace heed
