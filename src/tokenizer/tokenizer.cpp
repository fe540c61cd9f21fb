#include "tokenizer/tokenizer.h"

#include <sentencepiece_processor.h>

#include "util/error.h"
#include "util/files.h"
#include "util/text.h"

namespace heed {
namespace {

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
  if (special_.begin < 0 || special_.end < 0 || special_.unknown < 0) {
    fail(
        "{}: the SentencePiece model has no begin, end or unknown symbol (ids {}, {}, {}): train "
        "it "
        "with --bos_id and --eos_id",
        name, special_.begin, special_.end, special_.unknown);
  }
  // Padding is masked by length, so a model without a pad symbol pads with any id.
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

std::vector<int32_t> Tokenizer::sample(std::string_view text, double alpha) const {
  constexpr int kWholeLattice = -1;
  std::string_view kept = truncate_utf8(text, kMaxBytes);
  return to_int32(impl_->processor.SampleEncodeAsIds({kept.data(), kept.size()}, kWholeLattice,
                                                     static_cast<float>(alpha)));
}

std::string Tokenizer::decode(const std::vector<int32_t>& ids) const {
  return impl_->processor.DecodeIds(std::vector<int>(ids.begin(), ids.end()));
}

std::string Tokenizer::decode_pieces(const std::vector<std::string>& pieces) const {
  return impl_->processor.DecodePieces(pieces);
}

std::string Tokenizer::piece(int32_t id) const { return impl_->processor.IdToPiece(id); }

bool Tokenizer::starts_word(int32_t id) const {
  return impl_->processor.IdToPiece(id).starts_with(kWordMark);
}

std::vector<std::string> Tokenizer::pieces(const std::vector<int32_t>& ids) const {
  std::vector<std::string> out;
  out.reserve(ids.size());
  for (int32_t id : ids) out.push_back(piece(id));
  return out;
}

int64_t Tokenizer::vocab_size() const { return impl_->processor.GetPieceSize(); }

Tokenizer load_tokenizer(const std::string& path) { return Tokenizer(read_file(path), path); }

void seed_sampling(uint32_t seed) { sentencepiece::SetRandomGeneratorSeed(seed); }

}  // namespace heed
