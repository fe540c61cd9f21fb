#include "tokenizer/tokenizer.h"

#include <sentencepiece_processor.h>

#include "util/error.h"
#include "util/file_content.h"
#include "util/text.h"

namespace heed {
namespace {

using sentencepiece::ImmutableSentencePieceText;

constexpr int kWholeLattice = -1;  // sampling draws from all splits of a text

// The bytes of each piece, in order.
std::vector<ByteSpan> spans_of(const ImmutableSentencePieceText& proto) {
  std::vector<ByteSpan> spans;
  spans.reserve(proto.pieces_size());
  for (const auto& piece : proto.pieces()) spans.push_back({piece.begin(), piece.end()});
  return spans;
}

SpannedIds spanned_ids(const ImmutableSentencePieceText& proto) {
  SpannedIds spanned{{}, spans_of(proto)};
  spanned.ids.reserve(spanned.spans.size());
  for (const auto& piece : proto.pieces()) spanned.ids.push_back(static_cast<int32_t>(piece.id()));
  return spanned;
}

SpannedText spanned_text(const ImmutableSentencePieceText& proto) {
  return {proto.text(), spans_of(proto)};
}

std::vector<int32_t> to_int32(const std::vector<int>& ids) { return {ids.begin(), ids.end()}; }

}  // namespace

struct Tokenizer::Impl {
  sentencepiece::SentencePieceProcessor processor;
};

Tokenizer::Tokenizer(std::string model_bytes, const std::string& name)
    : impl_(std::make_unique<Impl>()), bytes_(std::move(model_bytes)) {
  auto& processor = impl_->processor;
  auto status = processor.LoadFromSerializedProto(bytes_);
  if (!status.ok() || processor.GetPieceSize() == 0) {
    fail("{}: not a SentencePiece model ({} bytes): {}", name, bytes_.size(), status.ToString());
  }
  special_ = {processor.pad_id(), processor.unk_id(), processor.bos_id(), processor.eos_id()};
  if (special_.end < 0 || special_.unknown < 0) {
    fail(
        "{}: the SentencePiece model has no end or unknown symbol (ids {} and {}), and "
        "translations "
        "must end: train it with --eos_id",
        name, special_.end, special_.unknown);
  }
  if (special_.begin < 0) special_.begin = special_.end;
  if (special_.pad < 0) special_.pad = special_.end;
}

Tokenizer::~Tokenizer() = default;
Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;

std::vector<int32_t> Tokenizer::encode(std::string_view text) const {
  std::string_view kept = truncate_utf8(text, kMaxBytes);
  return to_int32(impl_->processor.EncodeAsIds({kept.data(), kept.size()}));
}

std::vector<std::string> Tokenizer::encode_pieces(std::string_view text) const {
  std::string_view kept = truncate_utf8(text, kMaxBytes);
  return impl_->processor.EncodeAsPieces({kept.data(), kept.size()});
}

std::string Tokenizer::decode(const std::vector<int32_t>& ids) const {
  return impl_->processor.DecodeIds(std::vector<int>(ids.begin(), ids.end()));
}

std::string Tokenizer::decode_pieces(const std::vector<std::string>& pieces) const {
  return impl_->processor.DecodePieces(pieces);
}

SpannedIds Tokenizer::encode_spans(std::string_view text) const {
  std::string_view kept = truncate_utf8(text, kMaxBytes);
  return spanned_ids(impl_->processor.EncodeAsImmutableProto({kept.data(), kept.size()}));
}

SpannedIds Tokenizer::sample(std::string_view text, double alpha) const {
  std::string_view kept = truncate_utf8(text, kMaxBytes);
  return spanned_ids(impl_->processor.SampleEncodeAsImmutableProto(
      {kept.data(), kept.size()}, kWholeLattice, static_cast<float>(alpha)));
}

SpannedText Tokenizer::decode_spans(const std::vector<int32_t>& ids) const {
  return spanned_text(
      impl_->processor.DecodeIdsAsImmutableProto(std::vector<int>(ids.begin(), ids.end())));
}

SpannedText Tokenizer::decode_piece_spans(const std::vector<std::string>& pieces) const {
  return spanned_text(impl_->processor.DecodePiecesAsImmutableProto(pieces));
}

std::string Tokenizer::piece(int32_t id) const { return impl_->processor.IdToPiece(id); }

std::vector<std::string> Tokenizer::pieces(const std::vector<int32_t>& ids) const {
  std::vector<std::string> out;
  out.reserve(ids.size());
  for (int32_t id : ids) out.push_back(piece(id));
  return out;
}

std::optional<int32_t> Tokenizer::find(const std::string& piece) const {
  auto id = static_cast<int32_t>(impl_->processor.PieceToId(piece));
  if (id == special_.unknown && piece != this->piece(id)) return std::nullopt;
  return id;
}

int64_t Tokenizer::vocab_size() const { return impl_->processor.GetPieceSize(); }

Tokenizer load_tokenizer(const std::string& path) { return Tokenizer(read_file(path), path); }

void seed_sampling(uint32_t seed) { sentencepiece::SetRandomGeneratorSeed(seed); }

}  // namespace heed
