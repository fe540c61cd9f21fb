#include "tokenizer/tokenizer.h"

#include <sentencepiece_processor.h>

#include <algorithm>

#include "tokenizer/model_check.h"
#include "util/error.h"
#include "util/file_content.h"
#include "util/text.h"

namespace heed {
namespace {

using sentencepiece::ImmutableSentencePieceText;

constexpr const char* kUnknownText = " \u2047 ";  // SentencePiece's own
constexpr int kWholeLattice = -1;                 // sampling draws from all splits of a text

// The bytes of each piece, in order.
std::vector<ByteSpan> spans_of(const ImmutableSentencePieceText& proto) {
  std::vector<ByteSpan> spans;
  spans.reserve(proto.pieces_size());
  for (const auto& piece : proto.pieces()) spans.push_back({piece.begin(), piece.end()});
  return spans;
}

// The byte piece of a line's end would break the line that a text is.
std::string in_one_line(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  return text;
}

SpannedText in_one_line(SpannedText text) {
  text.text = in_one_line(std::move(text.text));
  return text;
}

SpannedText spanned_text(const ImmutableSentencePieceText& proto) {
  return {proto.text(), spans_of(proto)};
}

// A text's first bytes where they are a tag that the list holds; else nothing.
std::string_view tag_of(std::string_view text, const Vocabulary& list) {
  size_t end = text.starts_with(">>") ? text.find("<<") : std::string_view::npos;
  if (end == std::string_view::npos) return {};
  std::string_view tag = text.substr(0, end + 2);
  return list.id(tag) ? tag : std::string_view();
}

// Pieces as one text: marks are spaces, but for those at its beginning.
SpannedText joined(const std::vector<std::string>& pieces) {
  SpannedText joined;
  for (std::string_view piece : pieces) {
    auto begin = static_cast<uint32_t>(joined.text.size());
    while (!piece.empty()) {
      bool mark = piece.starts_with(kWordMark);
      char next = mark ? ' ' : piece.front();
      if (next != ' ' || !joined.text.empty()) joined.text += next;
      piece.remove_prefix(mark ? kWordMark.size() : 1);
    }
    joined.spans.push_back({begin, static_cast<uint32_t>(joined.text.size())});
  }
  return joined;
}

}  // namespace

struct Tokenizer::Impl {
  sentencepiece::SentencePieceProcessor processor;
  std::vector<int32_t> listed;  // of each of SentencePiece's ids, the list's; -1: it has none

  Impl(const std::string& bytes, const std::string& name) {
    check_sentencepiece_model(bytes, name);
    auto status = processor.LoadFromSerializedProto(bytes);
    // The library's own words are for those who develop with it.
    if (!status.ok() || processor.GetPieceSize() == 0) {
      fail(
          "{}: not a SentencePiece model ({} bytes): {}; get the file again, or learn a model by "
          "heed tokenize train",
          name, bytes.size(), bytes.empty() ? "it is empty" : "its pieces or settings are damaged");
    }
  }

  Vocabulary own_vocabulary(const std::string& name) const {
    SpecialIds special{processor.pad_id(), processor.unk_id(), processor.bos_id(),
                       processor.eos_id()};
    if (special.end < 0 || special.unknown < 0) {
      fail(
          "{}: the SentencePiece model has no end or unknown symbol (ids {} and {}), and "
          "translations must end: train it with --eos_id",
          name, special.end, special.unknown);
    }
    if (special.begin < 0) special.begin = special.end;
    if (special.pad < 0) special.pad = special.end;
    std::vector<std::string> pieces;
    for (int id = 0; id < processor.GetPieceSize(); ++id) pieces.push_back(processor.IdToPiece(id));
    return {std::move(pieces), special};
  }

  void list_ids(const Vocabulary& list) {
    for (int id = 0; id < processor.GetPieceSize(); ++id) {
      // What is unknown to SentencePiece is looked up by its text.
      bool unknown = id == processor.unk_id();
      listed.push_back(unknown ? -1 : list.id(processor.IdToPiece(id)).value_or(-1));
    }
  }
};

Tokenizer::Tokenizer(std::string model_bytes, const std::string& name)
    : impl_(std::make_unique<Impl>(model_bytes, name)),
      bytes_(std::move(model_bytes)),
      vocabulary_(impl_->own_vocabulary(name)) {}

Tokenizer::Tokenizer(std::string model_bytes, const std::string& name, Vocabulary list)
    : impl_(std::make_unique<Impl>(model_bytes, name)),
      bytes_(std::move(model_bytes)),
      vocabulary_(std::move(list)),
      listed_(true) {
  impl_->list_ids(vocabulary_);
}

Tokenizer::~Tokenizer() = default;
Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;

SpannedIds Tokenizer::split(std::string_view text, std::optional<double> alpha) const {
  const auto& processor = impl_->processor;
  std::string_view kept = truncate_utf8(text, kMaxBytes);
  std::string_view tag = listed_ ? tag_of(kept, vocabulary_) : std::string_view();
  std::string rest(kept.substr(tag.size()));
  auto proto = alpha ? processor.SampleEncodeAsImmutableProto(rest, kWholeLattice,
                                                              static_cast<float>(*alpha))
                     : processor.EncodeAsImmutableProto(rest);
  auto first = static_cast<uint32_t>(tag.size());
  SpannedIds spanned;
  if (!tag.empty()) spanned = {{*vocabulary_.id(tag)}, {{0, first}}};
  for (const auto& piece : proto.pieces()) {
    auto id = static_cast<int32_t>(piece.id());
    if (listed_) id = impl_->listed[piece.id()];
    // The list may hold what SentencePiece does not know.
    if (id < 0) id = vocabulary_.id(piece.piece()).value_or(special().unknown);
    spanned.ids.push_back(id);
    spanned.spans.push_back({first + piece.begin(), first + piece.end()});
  }
  return spanned;
}

std::vector<int32_t> Tokenizer::encode(std::string_view text) const {
  if (listed_) return split(text, {}).ids;
  std::string_view kept = truncate_utf8(text, kMaxBytes);
  return impl_->processor.EncodeAsIds({kept.data(), kept.size()});
}

std::vector<std::string> Tokenizer::encode_pieces(std::string_view text) const {
  std::string_view kept = truncate_utf8(text, kMaxBytes);
  std::string_view tag = listed_ ? tag_of(kept, vocabulary_) : std::string_view();
  kept.remove_prefix(tag.size());
  auto pieces = impl_->processor.EncodeAsPieces({kept.data(), kept.size()});
  if (!tag.empty()) pieces.insert(pieces.begin(), std::string(tag));
  return pieces;
}

std::vector<std::string> Tokenizer::written(const std::vector<int32_t>& ids) const {
  std::vector<std::string> texts;
  for (int32_t id : ids) {
    bool control = id == special().end || id == special().begin;
    texts.push_back(control ? "" : id == special().unknown ? kUnknownText : piece(id));
  }
  return texts;
}

std::string Tokenizer::decode(const std::vector<int32_t>& ids) const {
  if (listed_) return in_one_line(joined(written(ids)).text);
  return in_one_line(impl_->processor.DecodeIds(ids));
}

std::string Tokenizer::decode_pieces(const std::vector<std::string>& pieces) const {
  return in_one_line(listed_ ? joined(pieces).text : impl_->processor.DecodePieces(pieces));
}

SpannedIds Tokenizer::encode_spans(std::string_view text) const { return split(text, {}); }

SpannedIds Tokenizer::sample(std::string_view text, double alpha) const {
  return split(text, alpha);
}

SpannedText Tokenizer::decode_spans(const std::vector<int32_t>& ids) const {
  if (listed_) return in_one_line(joined(written(ids)));
  return in_one_line(spanned_text(impl_->processor.DecodeIdsAsImmutableProto(ids)));
}

SpannedText Tokenizer::decode_piece_spans(const std::vector<std::string>& pieces) const {
  if (listed_) return in_one_line(joined(pieces));
  return in_one_line(spanned_text(impl_->processor.DecodePiecesAsImmutableProto(pieces)));
}

std::string Tokenizer::piece(int32_t id) const { return vocabulary_.piece(id); }

std::vector<std::string> Tokenizer::pieces(const std::vector<int32_t>& ids) const {
  std::vector<std::string> out;
  out.reserve(ids.size());
  for (int32_t id : ids) out.push_back(piece(id));
  return out;
}

std::string Tokenizer::checksum() const {
  return heed::checksum(listed_ ? bytes_ + vocabulary_text(vocabulary_) : bytes_);
}

Tokenizer load_tokenizer(const std::string& path) { return Tokenizer(read_file(path), path); }

void seed_sampling(uint32_t seed) { sentencepiece::SetRandomGeneratorSeed(seed); }

}  // namespace heed
