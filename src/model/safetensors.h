// Tensors by name in a safetensors file: an 8-byte header length, a JSON header, the data. A
// checksum over header and data stands in the header's metadata; loading verifies it.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "data/safetensors_header.h"
#include "util/progress.h"

namespace heed {

struct TensorFile {
  std::map<std::string, torch::Tensor> tensors;  // on the CPU, in the types of the file
  std::map<std::string, std::string> metadata;
};

// Atomically: `path` holds the old content or the new. Throws Error naming the path and the cause.
void write_safetensors(const std::string& path, const TensorFile& content);

// The tensors of a file one by one, so that no more than one need be in memory.
class TensorReader {
 public:
  // Reads the header. Throws Error as read_safetensors_header does.
  explicit TensorReader(const std::string& path);

  const std::string& path() const { return path_; }
  const std::map<std::string, std::string>& metadata() const { return header_.metadata; }
  const std::map<std::string, TensorEntry>& entries() const { return header_.tensors; }

  // The tensor of this name, which must be there: on the CPU, in the file's type, the caller's own.
  torch::Tensor read(const std::string& name);
  bool was_read(const std::string& name) const;
  // Throws Error where what was read, and the rest of the file, is not what was written. Files
  // without a checksum (made elsewhere) are accepted.
  void verify();

 private:
  std::string path_;
  RandomFile file_;
  SafetensorsHeader header_;
  std::map<std::string, std::string> checksums_;  // of the tensors read so far
  std::unique_ptr<Progress> progress_;            // in bytes
};

// All of a file. Throws Error as TensorReader does.
TensorFile read_safetensors(const std::string& path);

}  // namespace heed
