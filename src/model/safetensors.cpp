#include "model/safetensors.h"

#include "kernels/torch.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>

#include "util/atomic_file.h"
#include "util/error.h"

namespace heed {
namespace {

using Json = nlohmann::json;

constexpr const char* kChecksumKey = "xxh64";
const std::string kNoChecksum(16, '0');

struct NumberType {
  std::string_view name;
  torch::ScalarType type;
};
constexpr NumberType kNumberTypes[] = {{"F32", torch::kFloat32},
                                       {"BF16", torch::kBFloat16},
                                       {"F16", torch::kFloat16},
                                       {"I64", torch::kInt64}};

std::string_view type_name(torch::ScalarType type, const std::string& tensor) {
  for (const NumberType& known : kNumberTypes) {
    if (known.type == type) return known.name;
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

// The bytes of a tensor of these sizes, no more than `most`; nothing for negative and absurd ones.
std::optional<uint64_t> byte_size(const std::vector<int64_t>& sizes, uint64_t element,
                                  uint64_t most) {
  uint64_t bytes = element;
  int64_t stride = 1;  // must not overflow even where the tensor is empty
  for (int64_t size : sizes) {
    bool fits = size >= 0 && (size == 0 || bytes <= most / static_cast<uint64_t>(size)) &&
                !__builtin_mul_overflow(stride, std::max<int64_t>(size, 1), &stride);
    if (!fits) return std::nullopt;
    bytes *= static_cast<uint64_t>(size);
  }
  return bytes;
}

}  // namespace

TensorReader::TensorReader(const std::string& path) : path_(path), file_(path) {
  try {
    read_header();
  } catch (const Json::exception& error) {
    refuse(error.what());
  }
}

void TensorReader::refuse(const std::string& why) const {
  fail("{}: not a whole safetensors file ({} bytes): {}", path_, file_.size(), why);
}

void TensorReader::read_header() {
  if (file_.size() < 8) refuse("the header length is missing");
  std::array<char, 8> prefix{};
  file_.read(0, prefix);
  uint64_t length = 0;
  for (int i = 7; i >= 0; --i) length = length << 8 | static_cast<unsigned char>(prefix[i]);
  if (length > file_.size() - 8) {
    refuse(fmt::format("the header should have {} bytes (a truncated file, or another format?)",
                       length));
  }
  header_.resize(length);
  file_.read(8, header_);
  data_ = 8 + length;
  Json header = Json::parse(header_, nullptr, /*allow_exceptions=*/false);
  if (!header.is_object()) refuse("the header is not a JSON object");
  uint64_t size = file_.size() - data_;
  for (auto& [name, entry] : header.items()) {
    if (name == "__metadata__") {
      metadata_ = entry.get<std::map<std::string, std::string>>();
      continue;
    }
    auto type = entry.at("dtype").get<std::string>();
    auto sizes = entry.at("shape").get<std::vector<int64_t>>();
    auto offsets = entry.at("data_offsets").get<std::vector<uint64_t>>();
    auto known = std::ranges::find(kNumberTypes, type, &NumberType::name);
    if (known == std::end(kNumberTypes)) {
      refuse(fmt::format("tensor {} has the number type {}, which heed does not read", name, type));
    }
    auto bytes = byte_size(sizes, c10::elementSize(known->type), size);
    if (!bytes) refuse(fmt::format("tensor {} claims more elements than the file holds", name));
    bool inside = offsets.size() == 2 && offsets[0] <= offsets[1] && offsets[1] <= size &&
                  offsets[1] - offsets[0] == *bytes;
    if (!inside) refuse(fmt::format("tensor {} lies outside the data or has another size", name));
    entries_[name] = {known->type, sizes, data_ + offsets[0], *bytes};
  }
}

torch::Tensor TensorReader::read(const std::string& name) {
  const Entry& entry = entries_.at(name);
  torch::Tensor tensor = torch::empty(entry.sizes, entry.type);
  std::span<char> bytes(static_cast<char*>(tensor.mutable_data_ptr()), entry.bytes);
  file_.read(entry.offset, bytes);
  checksums_[name] = checksum({bytes.data(), bytes.size()});
  return tensor;
}

bool TensorReader::was_read(const std::string& name) const { return checksums_.contains(name); }

void TensorReader::verify() {
  auto stated = metadata_.find(kChecksumKey);
  if (stated == metadata_.end()) return;
  std::map<uint64_t, std::string> by_offset;
  for (const auto& [name, entry] : entries_) {
    if (!was_read(name)) read(name);
    if (entry.bytes > 0) by_offset[entry.offset] = checksums_.at(name);
  }
  std::vector<std::string> tensors;
  for (auto& [offset, sum] : by_offset) tensors.push_back(std::move(sum));
  std::string header = header_;
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
