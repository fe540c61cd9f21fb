#include "model/safetensors.h"

#include "kernels/torch.h"

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

#include "util/error.h"
#include "util/files.h"

namespace heed {
namespace {

using Json = nlohmann::json;

constexpr const char* kChecksumKey = "xxh64";
const std::string kNoChecksum(16, '0');

struct NumberType {
  const char* name;
  torch::ScalarType type;
};
constexpr NumberType kNumberTypes[] = {{"F32", torch::kFloat32},
                                       {"BF16", torch::kBFloat16},
                                       {"F16", torch::kFloat16},
                                       {"I64", torch::kInt64}};

const char* type_name(torch::ScalarType type, const std::string& tensor) {
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

// Checksum of a file whose header had zeros in the checksum's place. Empty tensors share their
// offset with the next one, so they have no part in it.
std::string file_checksum(std::string header, const std::vector<std::string_view>& data) {
  std::string sums = checksum(header);
  for (std::string_view part : data) {
    if (!part.empty()) sums += checksum(part);
  }
  return checksum(sums);
}

std::string_view bytes_of(const torch::Tensor& tensor) {
  return {static_cast<const char*>(tensor.const_data_ptr()), tensor.nbytes()};
}

// The header and the tensors' bytes of a file's content, or a fitting error.
class Parser {
 public:
  Parser(const std::string& path, const std::string& content) : path_(path), content_(content) {}

  TensorFile parse() {
    read_header();
    TensorFile file;
    for (auto& [name, entry] : header_.items()) {
      if (name == "__metadata__") continue;
      file.tensors[name] = read_tensor(name, entry);
    }
    if (header_.contains("__metadata__")) {
      file.metadata = header_["__metadata__"].get<std::map<std::string, std::string>>();
    }
    verify(file);
    return file;
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    fail("{}: not a whole safetensors file ({} bytes): {}", path_, content_.size(), why);
  }

  void read_header() {
    if (content_.size() < 8) refuse("the header length is missing");
    uint64_t length = 0;
    for (int i = 7; i >= 0; --i) length = length << 8 | static_cast<unsigned char>(content_[i]);
    if (length > content_.size() - 8) {
      refuse(fmt::format("the header should have {} bytes (a truncated file, or another format?)",
                         length));
    }
    header_text_ = content_.substr(8, length);
    header_ = Json::parse(header_text_, nullptr, /*allow_exceptions=*/false);
    if (!header_.is_object()) refuse("the header is not a JSON object");
    data_ = std::string_view(content_).substr(8 + length);
  }

  torch::Tensor read_tensor(const std::string& name, const Json& entry) {
    auto type = entry.at("dtype").get<std::string>();
    auto shape = entry.at("shape").get<std::vector<int64_t>>();
    auto offsets = entry.at("data_offsets").get<std::vector<uint64_t>>();
    for (const NumberType& known : kNumberTypes) {
      if (type != known.name) continue;
      auto size = byte_size(name, shape, c10::elementSize(known.type));
      bool inside = offsets.size() == 2 && offsets[0] <= offsets[1] && offsets[1] <= data_.size() &&
                    offsets[1] - offsets[0] == size;
      if (!inside) refuse(fmt::format("tensor {} lies outside the data or has another size", name));
      torch::Tensor tensor = torch::empty(shape, known.type);
      if (size > 0) std::memcpy(tensor.mutable_data_ptr(), data_.data() + offsets[0], size);
      parts_[offsets[0]] = data_.substr(offsets[0], size);
      return tensor;
    }
    refuse(fmt::format("tensor {} has the number type {}, which heed does not read", name, type));
  }

  // Of a tensor of `shape`; refuses negative and absurd sizes before anything is allocated.
  uint64_t byte_size(const std::string& name, const std::vector<int64_t>& shape,
                     uint64_t element) const {
    uint64_t size = element;
    int64_t stride = 1;  // must not overflow even where the tensor is empty
    for (int64_t dimension : shape) {
      bool fits = dimension >= 0 && (dimension == 0 || size <= data_.size() / dimension) &&
                  !__builtin_mul_overflow(stride, std::max<int64_t>(dimension, 1), &stride);
      if (!fits) refuse(fmt::format("tensor {} claims more elements than the file holds", name));
      size *= static_cast<uint64_t>(dimension);
    }
    return size;
  }

  void verify(const TensorFile& file) const {
    auto stated = file.metadata.find(kChecksumKey);
    if (stated == file.metadata.end()) return;
    std::string header = header_text_;
    size_t at = header.find(stated->second);
    if (at != std::string::npos) header.replace(at, stated->second.size(), kNoChecksum);
    std::vector<std::string_view> data;
    for (const auto& [offset, part] : parts_) data.push_back(part);
    std::string found = file_checksum(header, data);
    if (found != stated->second) {
      fail("{}: the content has been damaged: checksum {}, expected {}", path_, found,
           stated->second);
    }
  }

  std::string path_;
  const std::string& content_;
  std::string header_text_;
  std::string_view data_;
  Json header_;
  std::map<uint64_t, std::string_view> parts_;  // by offset
};

}  // namespace

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
  std::string sum = file_checksum(text, data);
  header["__metadata__"][kChecksumKey] = sum;
  std::string final_text = header.dump();
  final_text.resize(text.size(), ' ');
  std::string prefix = length_prefix(final_text.size());
  data.insert(data.begin(), {prefix, final_text});
  write_file_synced(path + ".tmp", data);
  rename_durably(path + ".tmp", path);
}

TensorFile read_safetensors(const std::string& path) {
  std::string content = read_file(path);
  try {
    return Parser(path, content).parse();
  } catch (const Json::exception& error) {
    fail("{}: not a whole safetensors file ({} bytes): {}", path, content.size(), error.what());
  }
}

}  // namespace heed
