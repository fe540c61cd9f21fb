// SentencePiece in process: text to pieces and back.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/tokenizer_config.h"
#include "tokenizer/vocabulary.h"
#include "util/error.h"
#include "util/text.h"

namespace heed {

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
  // From the bytes of a SentencePiece model, whose ids are used; `name` is for messages. Throws
  // Error where the bytes are no such model or it has no end or unknown symbol.
  Tokenizer(std::string model_bytes, const std::string& name);
  // SentencePiece's pieces with the ids of a list, which need not hold them all. A text may begin
  // with a tag, one piece of the list that SentencePiece never sees: ">>deu<< Guten Morgen".
  Tokenizer(std::string model_bytes, const std::string& name, Vocabulary list);
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
  int64_t vocab_size() const { return vocabulary_.size(); }
  const SpecialIds& special() const { return vocabulary_.special(); }
  const Vocabulary& vocabulary() const { return vocabulary_; }
  bool is_listed() const { return listed_; }  // its ids are a list's, not SentencePiece's
  const std::string& model_bytes() const { return bytes_; }
  std::string checksum() const;  // of all that it is made of

 private:
  struct Impl;
  // The best split into pieces, or one that is drawn.
  SpannedIds split(std::string_view text, std::optional<double> alpha) const;
  // Each piece as it reads in a text: nothing for control symbols.
  std::vector<std::string> written(const std::vector<int32_t>& ids) const;

  std::unique_ptr<Impl> impl_;
  std::string bytes_;
  Vocabulary vocabulary_;
  bool listed_ = false;
};

Tokenizer load_tokenizer(const std::string& path);

// Seeds the sampling of threads started after the call (SentencePiece seeds a thread's generator at
// its first use).
void seed_sampling(uint32_t seed);

// A text to learn from: `next` gives line after line, and false after the last.
struct TrainingText {
  std::function<bool(std::string& line)> next;
  std::string names;  // for messages
  uint64_t seed = 1;  // of the sample
};

// A vocab_size that the text has no use or no room for.
class VocabularySizeError : public Error {
 public:
  VocabularySizeError(const std::string& message, int64_t least_size, int64_t most_size)
      : Error(message), least(least_size), most(most_size) {}
  int64_t least, most;  // what would do; 0: not known
};

// Learns a model from the lines of a text; of more than config.max_training_lines, from a sample of
// at most so many. Throws VocabularySizeError naming the limit where vocab_size is more than the
// text allows, or less than its characters need.
Tokenizer train_tokenizer(const TrainingText& text, const TokenizerConfig& config);
// From the lines of files.
Tokenizer train_tokenizer(const std::vector<std::string>& files, const TokenizerConfig& config);

}  // namespace heed
