#include "tokenizer/model_check.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

#include "util/copy_bytes.h"
#include "util/error.h"
#include "util/text.h"

namespace heed {
namespace {

// Numbers of fields in sentencepiece_model.proto.
constexpr uint64_t kPieces = 1, kNormalizer = 3, kDenormalizer = 5;  // of ModelProto
constexpr uint64_t kPieceText = 1;                                   // of SentencePiece
constexpr uint64_t kCharsMap = 2;                                    // of NormalizerSpec

// The fields of a Protocol Buffers message one by one.
class Fields {
 public:
  explicit Fields(std::string_view bytes) : rest_(bytes) {}

  // The next field that holds bytes: a text, or a message within. Nothing at the end, or where
  // what follows is no field; whole() tells which.
  struct Field {
    uint64_t number;
    std::string_view bytes;
  };
  std::optional<Field> next() {
    while (!rest_.empty()) {
      auto tag = varint();
      if (!tag) return fault();
      enum : uint64_t { kVarint = 0, kEightBytes = 1, kBytes = 2, kFourBytes = 5 };
      uint64_t kind = *tag & 7;
      uint64_t size = kind == kEightBytes ? 8 : 4;
      if (kind == kVarint || kind == kBytes) {
        auto number = varint();
        if (!number) return fault();
        size = kind == kBytes ? *number : 0;
      } else if (kind != kEightBytes && kind != kFourBytes) {
        return fault();
      }
      if (size > rest_.size()) return fault();
      Field field{*tag >> 3, rest_.substr(0, size)};
      rest_.remove_prefix(size);
      if (kind == kBytes) return field;
    }
    return std::nullopt;
  }
  bool whole() const { return whole_; }

 private:
  std::optional<uint64_t> varint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
      auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      value |= static_cast<uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
    return std::nullopt;
  }
  std::nullopt_t fault() {
    whole_ = false;
    return std::nullopt;
  }

  std::string_view rest_;
  bool whole_ = true;
};

// The rules of a normaliser: a double array (as Yata's darts-clone lays it out) whose keys are
// texts, and whose values are the places of what takes their place.
class RuleTable {
 public:
  // SentencePiece has room for so many rules whose keys begin one text.
  static constexpr int kMostRules = 32;

  RuleTable(std::string_view units, size_t values) : units_(units.size() / 4), values_(values) {
    copy_bytes(units_.data(), units.data(), units_.size() * 4);
  }

  // What is wrong with it, if anything.
  std::optional<std::string> fault() {
    if (units_.empty()) return "it has no root";
    rules_.assign(units_.size(), kUnseen);
    std::vector<Frame> path;
    if (!enter(0, path)) return fault_;
    while (!path.empty()) {
      Frame& frame = path.back();
      frame.place = next_child(frame);
      if (frame.place == kLabels) {
        int found = frame.below + (has_leaf(frame.node) ? 1 : 0);
        if (found > kMostRules) return fmt::format("more than {} rules for one text", kMostRules);
        rules_[frame.node] = found;
        path.pop_back();
        if (!path.empty()) path.back().below = std::max(path.back().below, found);
        continue;
      }
      uint32_t child = (base(frame.node) & ~kLowBits) + frame.place++;
      if (rules_[child] == kOpen) return fmt::format("unit {} leads back to itself", child);
      if (rules_[child] == kUnseen) {
        if (!enter(child, path)) return fault_;
      } else {
        frame.below = std::max(frame.below, rules_[child]);
      }
    }
    return std::nullopt;
  }

 private:
  static constexpr uint32_t kLabels = 256, kLowBits = 0xFF, kLabelBits = (1U << 31) | kLowBits;
  static constexpr int kUnseen = -1, kOpen = -2;
  struct Frame {
    uint32_t node, place;  // which of the 256 units around its base is next
    int below;             // rules on the way down from here, at most
  };

  // A child stands where its label differs from the base: the first from the frame's place on.
  uint32_t next_child(const Frame& frame) const {
    uint32_t first = base(frame.node) & ~kLowBits, low = base(frame.node) & kLowBits;
    const uint32_t* units = units_.data() + first;
    uint32_t place = frame.place;
    while (place < kLabels && (units[place] & kLabelBits) != (low ^ place)) ++place;
    return place;
  }

  bool has_leaf(uint32_t node) const { return ((units_[node] >> 8) & 1) != 0; }
  // Where its children stand, each at its label.
  uint32_t base(uint32_t node) const {
    uint32_t unit = units_[node];
    return node ^ ((unit >> 10) << ((unit & (1U << 9)) >> 6));
  }

  bool enter(uint32_t node, std::vector<Frame>& path) {
    uint64_t first = base(node);
    if ((first | 0xFF) >= units_.size()) {
      fault_ = fmt::format("unit {} points to unit {} of {}", node, first, units_.size());
    } else if (uint32_t value = units_[first] & ~(1U << 31); has_leaf(node) && value >= values_) {
      fault_ = fmt::format("unit {} points to byte {} of {}", node, value, values_);
    } else {
      rules_[node] = kOpen;
      path.push_back({node, 0, 0});
      return true;
    }
    return false;
  }

  std::vector<uint32_t> units_;
  size_t values_;           // bytes of the texts
  std::vector<int> rules_;  // of each unit: those on the way down from it, or where the search is
  std::string fault_;
};

// The bytes of a normaliser's precompiled_charsmap: the size of the table, the table, the texts.
std::optional<std::string> fault_of_map(std::string_view map) {
  if (map.empty()) return std::nullopt;  // no rules
  uint32_t size = 0;
  if (map.size() <= sizeof size) return "it is cut off";
  std::memcpy(&size, map.data(), sizeof size);
  map.remove_prefix(sizeof size);
  if (size >= map.size() || size % 4 != 0) {
    return fmt::format("a table of {} bytes in {}", size, map.size());
  }
  std::string_view texts = map.substr(size);
  if (texts.back() != '\0') return "its last text has no end";
  for (const std::string& text : split(texts, '\0')) {
    if (needs_repair(text)) return fmt::format("\"{}\" is not UTF-8", printable(text, 40));
  }
  return RuleTable(map.substr(0, size), texts.size()).fault();
}

class ModelCheck {
 public:
  ModelCheck(std::string_view model, const std::string& name) : model_(model), name_(name) {}

  void check() const {
    Fields fields(model_);
    while (auto field = fields.next()) {
      if (field->number == kPieces) check_piece(field->bytes);
      if (field->number == kNormalizer || field->number == kDenormalizer) {
        check_normalizer(field->bytes);
      }
    }
    check_whole(fields);
  }

 private:
  void check_whole(const Fields& fields) const {
    if (fields.whole()) return;
    fail("{}: not a SentencePiece model ({} bytes): it is cut off or damaged", name_,
         model_.size());
  }

  void check_piece(std::string_view piece) const {
    Fields fields(piece);
    while (auto field = fields.next()) {
      if (field->number != kPieceText || !needs_repair(field->bytes)) continue;
      fail("{}: a damaged SentencePiece model: the piece \"{}\" is not UTF-8", name_,
           printable(field->bytes, 40));
    }
    check_whole(fields);
  }

  void check_normalizer(std::string_view spec) const {
    Fields fields(spec);
    while (auto field = fields.next()) {
      if (field->number != kCharsMap) continue;
      if (auto fault = fault_of_map(field->bytes)) {
        fail("{}: a damaged SentencePiece model: in the normaliser's table of rules, {}", name_,
             *fault);
      }
    }
    check_whole(fields);
  }

  std::string_view model_;
  const std::string& name_;
};

}  // namespace

void check_sentencepiece_model(std::string_view bytes, const std::string& name) {
  ModelCheck(bytes, name).check();
}

}  // namespace heed
