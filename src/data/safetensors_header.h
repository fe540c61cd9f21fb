// What a safetensors file says that it holds: names, number types, sizes and places, all checked
// against the file's size before anything is read or allocated by them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "util/file_content.h"

namespace heed {

enum class NumberType { kFloat32, kBfloat16, kFloat16, kInt64 };

struct NumberTypeRow {
  NumberType type;
  std::string_view name;  // in the header
  uint64_t bytes;
};
// The number types that heed reads and writes.
inline constexpr NumberTypeRow kNumberTypes[] = {{NumberType::kFloat32, "F32", 4},
                                                 {NumberType::kBfloat16, "BF16", 2},
                                                 {NumberType::kFloat16, "F16", 2},
                                                 {NumberType::kInt64, "I64", 8}};

struct TensorEntry {
  NumberType type;
  std::vector<int64_t> sizes;
  uint64_t offset, bytes;  // in the file
};

struct SafetensorsHeader {
  std::string text;  // the JSON as it stands in the file
  std::map<std::string, std::string> metadata;
  std::map<std::string, TensorEntry> tensors;
};

// Reads and checks the header. Throws Error naming the path for a file that is cut off, changed or
// no safetensors at all: tensors must fill the data in some order, as the format has it, so that
// none lies outside, on another, or is larger than the file.
SafetensorsHeader read_safetensors_header(const std::string& path, const RandomFile& file);

// The same of a header's JSON alone, before `data_bytes` of data. Errors begin with `where`.
SafetensorsHeader parse_safetensors_header(std::string text, uint64_t data_bytes,
                                           const std::string& where);

}  // namespace heed
