#include "data/encoded_block.h"

#include <type_traits>

#include "util/copy_bytes.h"
#include "util/error.h"

namespace heed {
namespace {

// What is one run of bytes in memory.
template <typename T>
concept Plain = std::is_arithmetic_v<T> || std::is_enum_v<T> || std::is_same_v<T, Link>;

class Writer {
 public:
  template <Plain T>
  void items(const T* first, size_t count) {
    bytes_.append(reinterpret_cast<const char*>(first), count * sizeof(T));
  }
  template <typename Sequence>
  void size(const Sequence& sequence) {
    auto count = static_cast<uint32_t>(sequence.size());
    items(&count, 1);
  }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}
  template <Plain T>
  void items(T* first, size_t count) {
    if (count > bytes_.size() / sizeof(T)) fail("another process's pairs are cut short");
    copy_bytes(first, bytes_.data(), count * sizeof(T));
    bytes_.remove_prefix(count * sizeof(T));
  }
  // Each item takes a byte at least.
  template <typename Sequence>
  void size(Sequence& sequence) {
    uint32_t count = 0;
    items(&count, 1);
    if (count > bytes_.size()) fail("another process's pairs are cut short");
    sequence.resize(count);
  }
  bool at_end() const { return bytes_.empty(); }

 private:
  std::string_view bytes_;
};

// Both ways: `Value` is const where it is written.
template <typename Way, typename... Values>
void pass(Way& way, Values&... values);

template <typename Way, Plain T>
void pass_one(Way& way, T& value) {
  way.items(&value, 1);
}
template <typename Way, typename Sequence>
requires requires(Sequence& sequence) { sequence.data(); }
void pass_one(Way& way, Sequence& sequence) {
  way.size(sequence);
  if constexpr (Plain<typename Sequence::value_type>) {
    way.items(sequence.data(), sequence.size());
  } else {
    for (auto& item : sequence) pass(way, item);
  }
}
template <typename Way>
void pass_one(Way& way, auto& pair) requires requires {
  pair.fate;
}
{
  pass(way, pair.fate, pair.source, pair.target, pair.links, pair.source_words, pair.target_words);
}
template <typename Way>
void pass_one(Way& way, auto& change) requires requires {
  change.where;
}
{ pass(way, change.where, change.before, change.after); }
template <typename Way>
void pass_one(Way& way, auto& block) requires requires {
  block.round_trip;
}
{
  auto& trip = block.round_trip;
  pass(way, block.pairs, block.source_repairs.lines, block.source_repairs.first,
       block.target_repairs.lines, block.target_repairs.first, trip.texts, trip.changed,
       trip.unknown, trip.first);
}

template <typename Way, typename... Values>
void pass(Way& way, Values&... values) {
  (pass_one(way, values), ...);
}

}  // namespace

std::string to_bytes(const std::vector<EncodedBlock>& blocks) {
  Writer writer;
  pass(writer, blocks);
  return writer.take();
}

std::vector<EncodedBlock> blocks_from(std::string_view bytes) {
  Reader reader(bytes);
  std::vector<EncodedBlock> blocks;
  pass(reader, blocks);
  if (!reader.at_end()) fail("another process's pairs have bytes that belong to none");
  return blocks;
}

}  // namespace heed
