// SentencePiece in process: text to pieces and back.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/tokenizer_config.h"
#include "util/text.h"

namespace heed {

// Ids of the special pieces. Models trained here have exactly these. A vocabulary that has no begin
// or padding symbol uses its end symbol in their place: a decoder may begin with any piece that
// stands nowhere else in its input, and padding is masked.
struct SpecialIds {
  int32_t pad = 0, unknown = 1, begin = 2, end = 3;
};

// The pieces of a text, and the bytes of the text that each stands for.
struct SpannedIds {
  std::vector<int32_t> ids;
  std::vector<ByteSpan> spans;
};

// The text of some pieces, and the bytes of the text that each piece has become.
struct SpannedText {
  std::string text;
  std::vector<ByteSpan> spans;
};

class Tokenizer {
 public:
  // From the bytes of a SentencePiece model; `name` is for messages. Throws Error where the bytes
  // are no such model or it has no end or unknown symbol.
  Tokenizer(std::string model_bytes, const std::string& name);
  ~Tokenizer();
  Tokenizer(Tokenizer&&) noexcept;

  // Of a text, this much is encoded and the rest left out: SentencePiece's cost grows with the
  // length of a word.
  static constexpr size_t kMaxBytes = 1 << 16;

  // Ids without begin or end. Control symbols written in the text ("</s>") are plain text.
  std::vector<int32_t> encode(std::string_view text) const;
  // The same text's pieces as they are written in it, where pieces(encode(text)) has "<unk>" for
  // each that the model does not know.
  std::vector<std::string> encode_pieces(std::string_view text) const;
  std::string decode(const std::vector<int32_t>& ids) const;
  std::string decode_pieces(const std::vector<std::string>& pieces) const;

  // The same with the bytes of the text that each piece stands for, in order. Of the pieces that
  // normalisation makes of one character all but the last have no bytes; the white space before a
  // piece is its own.
  SpannedIds encode_spans(std::string_view text) const;
  SpannedText decode_spans(const std::vector<int32_t>& ids) const;
  SpannedText decode_piece_spans(const std::vector<std::string>& pieces) const;
  // Subword sampling: Kudo (2018) for unigram models, BPE-dropout (Provilkov et al., 2020) for BPE.
  // Draws from SentencePiece's generator of the current thread; see seed_sampling.
  SpannedIds sample(std::string_view text, double alpha) const;

  // The piece as it stands in the model, "▁" marking the start of a word.
  std::string piece(int32_t id) const;
  std::vector<std::string> pieces(const std::vector<int32_t>& ids) const;
  // The id of such a piece; none for one that the model does not have.
  std::optional<int32_t> find(const std::string& piece) const;
  int64_t vocab_size() const;
  const SpecialIds& special() const { return special_; }
  const std::string& model_bytes() const { return bytes_; }

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
  std::string bytes_;
  SpecialIds special_;
};

Tokenizer load_tokenizer(const std::string& path);

// Seeds the sampling of threads started after the call (SentencePiece seeds a thread's generator at
// its first use).
void seed_sampling(uint32_t seed);

// Learns a model from the lines of the files (plain or gzip), at most config.max_training_lines,
// evenly spread. Throws Error naming the limit where vocab_size is more than the text allows.
Tokenizer train_tokenizer(const std::vector<std::string>& files, const TokenizerConfig& config);

}  // namespace heed
