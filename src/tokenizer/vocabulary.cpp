#include "tokenizer/vocabulary.h"

#include <algorithm>

#include "util/error.h"
#include "util/text.h"

namespace heed {
namespace {

constexpr const char* kEnd = "</s>";
constexpr const char* kUnknown = "<unk>";
constexpr const char* kStart = "<pad>";

void check_pieces(const Vocabulary& vocabulary, const std::string& name) {
  for (int32_t id = 0; id < vocabulary.size(); ++id) {
    const std::string& piece = vocabulary.piece(id);
    if (piece.empty()) fail("{}:{}: an empty piece", name, id + 1);
    if (piece.find('\n') != std::string::npos) {
      fail("{}:{}: the piece \"{}\" holds a line feed", name, id + 1, printable(piece, 80));
    }
    int32_t first = *vocabulary.id(piece);
    if (first == id) continue;
    fail("{}:{}: the piece \"{}\" stands in line {} already", name, id + 1, printable(piece, 80),
         first + 1);
  }
}

}  // namespace

Vocabulary::Vocabulary(std::vector<std::string> pieces, const SpecialIds& special)
    : pieces_(std::move(pieces)), special_(special) {
  ids_.reserve(pieces_.size());
  for (size_t i = 0; i < pieces_.size(); ++i) ids_.emplace(pieces_[i], static_cast<int32_t>(i));
}

std::optional<int32_t> Vocabulary::id(std::string_view piece) const {
  auto found = ids_.find(piece);
  if (found == ids_.end()) return std::nullopt;
  return found->second;
}

Vocabulary listed_vocabulary(std::vector<std::string> pieces, const std::string& name) {
  SpecialIds special{-1, -1, -1, -1};
  for (size_t i = 0; i < pieces.size(); ++i) {
    auto id = static_cast<int32_t>(i);
    if (pieces[i] == kEnd) special.end = id;
    if (pieces[i] == kUnknown) special.unknown = id;
    if (pieces[i] == kStart) special.begin = id;
  }
  for (auto [id, piece] : {std::pair(special.end, kEnd), std::pair(special.unknown, kUnknown)}) {
    if (id < 0) fail("{}: no piece {} among {}", name, piece, with_commas(std::ssize(pieces)));
  }
  special.pad = special.begin < 0 ? special.end : special.begin;
  Vocabulary vocabulary(std::move(pieces), special);
  check_pieces(vocabulary, name);
  return vocabulary;
}

Vocabulary read_vocabulary(std::string_view text, const std::string& name) {
  std::vector<std::string> pieces;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    pieces.emplace_back(line);
  }
  return listed_vocabulary(std::move(pieces), name);
}

std::string vocabulary_text(const Vocabulary& vocabulary) {
  std::string text;
  for (const std::string& piece : vocabulary.pieces()) text += piece + "\n";
  return text;
}

}  // namespace heed
