// Which pieces there are, and their ids.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace heed {

// Ids of the special pieces. Models trained here have exactly these. A SentencePiece model that has
// no begin or padding symbol uses its end symbol in their place: a decoder may begin with any piece
// that stands nowhere else in its input, and padding is masked.
struct SpecialIds {
  int32_t pad = 0, unknown = 1, begin = 2, end = 3;  // begin: -1 where there is none
};

class Vocabulary {
 public:
  // Piece i has id i.
  Vocabulary(std::vector<std::string> pieces, const SpecialIds& special);

  // Its map looks into its pieces, which a move leaves where they are.
  Vocabulary(Vocabulary&&) noexcept = default;
  Vocabulary(const Vocabulary&) = delete;

  const std::string& piece(int32_t id) const { return pieces_[static_cast<size_t>(id)]; }
  std::optional<int32_t> id(std::string_view piece) const;
  int64_t size() const { return static_cast<int64_t>(pieces_.size()); }
  const std::vector<std::string>& pieces() const { return pieces_; }
  const SpecialIds& special() const { return special_; }

 private:
  std::vector<std::string> pieces_;
  std::unordered_map<std::string_view, int32_t> ids_;  // of pieces_
  SpecialIds special_;
};

// A list of pieces in the order of their ids, as other toolkits have it beside a SentencePiece
// model: `</s>` and `<unk>` are the end and the unknown piece, and `<pad>`, where it is there, is
// what the decoder starts from. Throws Error naming `name` where one of the first two is missing,
// and the line of a piece that is empty, comes twice or holds a line feed.
Vocabulary listed_vocabulary(std::vector<std::string> pieces, const std::string& name);
// The same as a text: one piece a line.
Vocabulary read_vocabulary(std::string_view text, const std::string& name);
std::string vocabulary_text(const Vocabulary& vocabulary);

}  // namespace heed
