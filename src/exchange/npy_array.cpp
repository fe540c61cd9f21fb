#include "exchange/npy_array.h"

#include "kernels/torch.h"

#include <algorithm>
#include <optional>

#include "util/copy_bytes.h"
#include "util/error.h"
#include "util/text.h"

namespace heed {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";

struct Header {
  std::string kind;  // "<f4"
  std::vector<int64_t> sizes;
};

// What stands behind 'key': in the header, a Python dictionary.
std::optional<std::string_view> behind(std::string_view header, const std::string& key) {
  size_t at = header.find("'" + key + "'");
  if (at == std::string_view::npos) return std::nullopt;
  std::string_view rest = trim(header.substr(at + key.size() + 2));
  if (!rest.starts_with(':')) return std::nullopt;
  return trim(rest.substr(1));
}

std::optional<std::vector<int64_t>> sizes_of(std::string_view text) {
  size_t end = text.find(')');
  if (!text.starts_with('(') || end == std::string_view::npos) return std::nullopt;
  std::vector<int64_t> sizes;
  for (const std::string& part : split(text.substr(1, end - 1), ',')) {
    if (trim(part).empty()) continue;
    auto size = parse_int(trim(part));
    if (!size || *size < 0) return std::nullopt;
    sizes.push_back(*size);
  }
  return sizes;
}

std::optional<Header> parse_header(std::string_view text) {
  auto kind = behind(text, "descr"), order = behind(text, "fortran_order");
  auto shape = behind(text, "shape");
  if (!kind || !order || !shape || !order->starts_with("False")) return std::nullopt;
  size_t end = kind->find('\'', 1);
  if (!kind->starts_with('\'') || end == std::string_view::npos) return std::nullopt;
  auto sizes = sizes_of(*shape);
  if (!sizes) return std::nullopt;
  return Header{std::string(kind->substr(1, end - 1)), *sizes};
}

std::optional<torch::ScalarType> type_of(const std::string& kind) {
  if (kind == "<f4") return torch::kFloat32;
  if (kind == "<f2") return torch::kFloat16;
  if (kind == "<f8") return torch::kFloat64;
  if (kind.size() == 3 && kind.ends_with("i1")) return torch::kInt8;  // bytes have no order
  return std::nullopt;
}

}  // namespace

at::Tensor parse_npy(std::string_view content, const std::string& where) {
  auto refuse = [&](const std::string& why) { fail("{}: no NumPy array: {}", where, why); };
  if (content.size() < 12 || !content.starts_with(kMagic)) refuse("it does not begin like one");
  auto byte = [&](size_t at) {
    return static_cast<size_t>(static_cast<unsigned char>(content[at]));
  };
  bool first_version = byte(6) == 1;
  size_t length = byte(8) | byte(9) << 8, begin = 10;
  if (!first_version) {
    length |= byte(10) << 16 | byte(11) << 24;
    begin = 12;
  }
  if (length > content.size() - begin) refuse("its header is cut off");
  auto header = parse_header(content.substr(begin, length));
  if (!header) refuse("its header is damaged");
  auto type = type_of(header->kind);
  if (!type)
    refuse(fmt::format("its numbers are {}; heed reads float16, float32 and float64",
                       printable(header->kind, 20)));
  std::string_view data = content.substr(begin + length);
  uint64_t bytes = c10::elementSize(*type);
  int64_t stride = 1;  // LibTorch's must not overflow, even where the array is empty
  bool fits = true;
  for (int64_t size : header->sizes) {
    fits = fits && !__builtin_mul_overflow(stride, std::max<int64_t>(size, 1), &stride);
    fits = fits && (size == 0 || bytes <= data.size() / static_cast<uint64_t>(size));
    bytes *= fits ? static_cast<uint64_t>(size) : 0;
  }
  if (!fits || bytes != data.size()) {
    refuse(
        fmt::format("it has {} bytes of numbers, which are not those of its shape", data.size()));
  }
  at::Tensor array = torch::empty(header->sizes, *type);
  copy_bytes(array.mutable_data_ptr(), data.data(), data.size());
  return array;
}

}  // namespace heed
