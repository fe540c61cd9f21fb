#include "data/safetensors_header.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>

#include "util/error.h"
#include "util/text.h"

namespace heed {
namespace {

using Json = nlohmann::json;

constexpr uint64_t kPrefix = 8;                   // bytes of the header's length
constexpr uint64_t kLongestHeader = 100'000'000;  // the format's own limit
constexpr size_t kShownName = 100;                // of a name, in messages

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

// A list of whole numbers; nothing for anything else, fractions and what does not fit included.
template <typename Number>
std::optional<std::vector<Number>> numbers_of(const Json& entry, const char* key) {
  auto found = entry.find(key);
  if (found == entry.end() || !found->is_array()) return std::nullopt;
  std::vector<Number> numbers;
  for (const Json& number : *found) {
    bool fits =
        number.is_number_unsigned() || (std::is_signed_v<Number> && number.is_number_integer());
    if (!fits) return std::nullopt;
    if (number.is_number_unsigned() &&
        number.get<uint64_t>() > static_cast<uint64_t>(std::numeric_limits<Number>::max())) {
      return std::nullopt;
    }
    numbers.push_back(number.get<Number>());
  }
  return numbers;
}

class Parser {
 public:
  Parser(uint64_t data_bytes, const std::string& where) : data_bytes_(data_bytes), where_(where) {}

  SafetensorsHeader parse(std::string text) const {
    SafetensorsHeader header{std::move(text), {}, {}};
    Json json = Json::parse(header.text, nullptr, /*allow_exceptions=*/false);
    if (!json.is_object()) refuse("the header is not a JSON object");
    for (const auto& [name, entry] : json.items()) {
      if (name == "__metadata__") {
        header.metadata = metadata_of(entry);
      } else {
        header.tensors[name] = tensor_of(printable(name, kShownName), entry);
      }
    }
    check_places(header.tensors);
    uint64_t data = kPrefix + header.text.size();
    for (auto& [name, tensor] : header.tensors) tensor.offset += data;
    return header;
  }

 private:
  template <typename... Args>
  [[noreturn]] void refuse(fmt::format_string<Args...> format, Args&&... args) const {
    fail("{}: not a whole safetensors file: {}", where_,
         fmt::format(format, std::forward<Args>(args)...));
  }

  std::map<std::string, std::string> metadata_of(const Json& entry) const {
    std::map<std::string, std::string> metadata;
    if (!entry.is_object()) refuse("its metadata is no JSON object");
    for (const auto& [key, value] : entry.items()) {
      if (!value.is_string()) refuse("{} in its metadata is no text", printable(key, kShownName));
      metadata[key] = value.get<std::string>();
    }
    return metadata;
  }

  // With an offset from the beginning of the data.
  TensorEntry tensor_of(const std::string& name, const Json& entry) const {
    if (!entry.is_object()) refuse("tensor {} is no JSON object", name);
    auto type = entry.find("dtype");
    if (type == entry.end() || !type->is_string()) refuse("tensor {} has no dtype", name);
    auto known = std::ranges::find(kNumberTypes, type->get<std::string>(), &NumberTypeRow::name);
    if (known == std::end(kNumberTypes)) {
      refuse("tensor {} has the number type {}, which heed does not read", name,
             printable(type->get<std::string>(), kShownName));
    }
    auto sizes = numbers_of<int64_t>(entry, "shape");
    if (!sizes) refuse("tensor {} has no shape of whole numbers", name);
    auto bytes = byte_size(*sizes, known->bytes, data_bytes_);
    if (!bytes) refuse("tensor {} claims more elements than the file holds", name);
    auto offsets = numbers_of<uint64_t>(entry, "data_offsets");
    bool inside = offsets && offsets->size() == 2 && (*offsets)[0] <= (*offsets)[1] &&
                  (*offsets)[1] <= data_bytes_ && (*offsets)[1] - (*offsets)[0] == *bytes;
    if (!inside) refuse("tensor {} lies outside the data or has another size", name);
    return {known->type, std::move(*sizes), (*offsets)[0], *bytes};
  }

  // Each byte of the data belongs to one tensor.
  void check_places(const std::map<std::string, TensorEntry>& tensors) const {
    std::vector<std::pair<uint64_t, uint64_t>> places;
    for (const auto& [name, tensor] : tensors) places.emplace_back(tensor.offset, tensor.bytes);
    std::ranges::sort(places);
    uint64_t end = 0;
    for (auto [offset, bytes] : places) {
      if (offset != end) {
        refuse("bytes {} to {} of the data {}", std::min(offset, end), std::max(offset, end),
               offset < end ? "are claimed by two tensors" : "belong to no tensor");
      }
      end = offset + bytes;
    }
    if (end != data_bytes_)
      refuse("bytes {} to {} of the data belong to no tensor", end, data_bytes_);
  }

  uint64_t data_bytes_;
  const std::string& where_;
};

}  // namespace

SafetensorsHeader parse_safetensors_header(std::string text, uint64_t data_bytes,
                                           const std::string& where) {
  return Parser(data_bytes, where).parse(std::move(text));
}

SafetensorsHeader read_safetensors_header(const std::string& path, const RandomFile& file) {
  std::string where = fmt::format("{} ({} bytes)", path, file.size());
  auto refuse = [&](const std::string& why) {
    fail("{}: not a whole safetensors file: {}", where, why);
  };
  if (file.size() < kPrefix) refuse("the header length is missing");
  std::array<char, kPrefix> prefix{};
  file.read(0, prefix);
  uint64_t length = 0;
  for (auto byte = prefix.rbegin(); byte != prefix.rend(); ++byte) {
    length = length << 8 | static_cast<unsigned char>(*byte);
  }
  if (length > file.size() - kPrefix || length > kLongestHeader) {
    refuse(fmt::format("the header should have {} bytes (a truncated file, or another format?)",
                       length));
  }
  std::string text(length, '\0');
  file.read(kPrefix, text);
  return parse_safetensors_header(std::move(text), file.size() - kPrefix - length, where);
}

}  // namespace heed
