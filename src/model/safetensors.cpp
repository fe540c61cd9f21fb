#include "model/safetensors.h"

#include "kernels/torch.h"

#include <nlohmann/json.hpp>

#include "util/atomic_file.h"
#include "util/error.h"

namespace heed {
namespace {

using Json = nlohmann::json;

constexpr const char* kChecksumKey = "xxh64";
const std::string kNoChecksum(16, '0');

constexpr torch::ScalarType to_torch(NumberType type) {
  switch (type) {
    case NumberType::kFloat32:
      return torch::kFloat32;
    case NumberType::kBfloat16:
      return torch::kBFloat16;
    case NumberType::kFloat16:
      return torch::kFloat16;
    case NumberType::kInt64:
      return torch::kInt64;
  }
  return torch::kFloat32;
}

std::string_view type_name(torch::ScalarType type, const std::string& tensor) {
  for (const NumberTypeRow& known : kNumberTypes) {
    if (to_torch(known.type) == type) return known.name;
  }
  fail("tensor {}: its number type cannot be written to safetensors", tensor);
}

std::string length_prefix(uint64_t length) {
  std::string bytes(8, '\0');
  for (int i = 0; i < 8; ++i) bytes[i] = static_cast<char>(length >> (8 * i));
  return bytes;
}

// Checksum of a file whose header had zeros in the checksum's place, by those of its tensors in the
// file's order. Empty tensors share their offset with the next one, so they have no part in it.
std::string file_checksum(const std::string& header, const std::vector<std::string>& tensors) {
  std::string sums = checksum(header);
  for (const std::string& sum : tensors) sums += sum;
  return checksum(sums);
}

std::string_view bytes_of(const torch::Tensor& tensor) {
  return {static_cast<const char*>(tensor.const_data_ptr()), tensor.nbytes()};
}

}  // namespace

TensorReader::TensorReader(const std::string& path)
    : path_(path), file_(path), header_(read_safetensors_header(path, file_)) {
  int64_t bytes = 0;
  for (const auto& [name, entry] : entries()) bytes += static_cast<int64_t>(entry.bytes);
  progress_ =
      std::make_unique<Progress>(Work{.what = "reading " + short_name(path), .total = bytes});
}

torch::Tensor TensorReader::read(const std::string& name) {
  const TensorEntry& entry = entries().at(name);
  torch::Tensor tensor = torch::empty(entry.sizes, to_torch(entry.type));
  std::span<char> bytes(static_cast<char*>(tensor.mutable_data_ptr()), entry.bytes);
  file_.read(entry.offset, bytes);
  checksums_[name] = checksum({bytes.data(), bytes.size()});
  progress_->add(static_cast<int64_t>(entry.bytes));
  return tensor;
}

bool TensorReader::was_read(const std::string& name) const { return checksums_.contains(name); }

void TensorReader::verify() {
  auto stated = metadata().find(kChecksumKey);
  if (stated == metadata().end()) return;
  std::map<uint64_t, std::string> by_offset;
  for (const auto& [name, entry] : entries()) {
    if (!was_read(name)) read(name);
    if (entry.bytes > 0) by_offset[entry.offset] = checksums_.at(name);
  }
  std::vector<std::string> tensors;
  for (auto& [offset, sum] : by_offset) tensors.push_back(std::move(sum));
  std::string header = header_.text;
  size_t at = header.find(stated->second);
  if (at != std::string::npos) header.replace(at, stated->second.size(), kNoChecksum);
  std::string found = file_checksum(header, tensors);
  if (found == stated->second) return;
  fail("{}: the content has been damaged: checksum {}, expected {}", path_, found, stated->second);
}

void write_safetensors(const std::string& path, const TensorFile& content) {
  Json header;
  std::vector<torch::Tensor> kept;
  std::vector<std::string_view> data;
  uint64_t offset = 0;
  for (const auto& [name, tensor] : content.tensors) {
    kept.push_back(tensor.detach().cpu().contiguous());
    std::string_view bytes = bytes_of(kept.back());
    header[name] = {{"dtype", type_name(tensor.scalar_type(), name)},
                    {"shape", tensor.sizes().vec()},
                    {"data_offsets", {offset, offset + bytes.size()}}};
    data.push_back(bytes);
    offset += bytes.size();
  }
  header["__metadata__"] = content.metadata;
  header["__metadata__"][kChecksumKey] = kNoChecksum;
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');  // the format aligns the data to 8 bytes
  std::vector<std::string> sums;
  for (std::string_view part : data) {
    if (!part.empty()) sums.push_back(checksum(part));
  }
  std::string sum = file_checksum(text, sums);
  header["__metadata__"][kChecksumKey] = sum;
  std::string final_text = header.dump();
  final_text.resize(text.size(), ' ');
  std::string prefix = length_prefix(final_text.size());
  data.insert(data.begin(), {prefix, final_text});
  write_file_atomically(path, data);
}

TensorFile read_safetensors(const std::string& path) {
  TensorReader reader(path);
  TensorFile file;
  for (const auto& [name, entry] : reader.entries()) file.tensors[name] = reader.read(name);
  reader.verify();
  file.metadata = reader.metadata();
  return file;
}

}  // namespace heed
