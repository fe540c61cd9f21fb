// Lines in, translations out: one for each, in order.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "decoding/search.h"
#include "model/bundle.h"
#include "util/files.h"

namespace heed {

struct Translation {
  std::string text;
  double score = 0, log_probability = 0;
  bool ended = true;                          // false: cut at the length limit
  std::vector<std::string> source_pieces;     // "</s>" last; empty for a blank line
  std::vector<std::string> target_pieces;     // "</s>" last where ended
  std::vector<std::vector<float>> attention;  // a row a target piece, where wanted
};

// What a run has met that its user should know of.
struct TranslationCounts {
  int64_t lines = 0, blank = 0, cut = 0, unended = 0;
  int64_t source_pieces = 0, target_pieces = 0;
};

class Translator {
 public:
  // `model` is the bundle's own or an ensemble that it is part of.
  Translator(const Bundle& bundle, std::shared_ptr<Seq2Seq> model, const SearchOptions& options,
             int64_t batch_size);

  // Translations of each line, best first, at most beam_size. Blank lines give one empty
  // translation.
  std::vector<std::vector<Translation>> translate(const std::vector<std::string>& lines);

  // Reads to the end, and hands over the translations of each line in order. Takes many lines at
  // once while input is there and what there is when it pauses, so that a pipe's reader waits for
  // nothing.
  using Sink = std::function<void(const std::string& line, const std::vector<Translation>&)>;
  // `paused` is called when all lines read so far have been handed over.
  void stream(LineReader& input, const Sink& sink, const std::function<void()>& paused);

  // log P of given translations of the lines.
  std::vector<Translation> score(const std::vector<std::string>& sources,
                                 const std::vector<std::string>& targets);

  const TranslationCounts& counts() const { return counts_; }
  // Warnings at the end of a run: how many lines were cut or did not end.
  void warn_of_limits() const;

 private:
  std::vector<int32_t> encode_source(const std::string& line);
  Translation make_translation(const Hypothesis& hypothesis,
                               const std::vector<int32_t>& source) const;
  std::vector<std::vector<size_t>> plan(const std::vector<std::vector<int32_t>>& sources) const;

  const Bundle& bundle_;
  std::shared_ptr<Seq2Seq> model_;
  SearchOptions options_;
  int64_t batch_size_;
  TranslationCounts counts_;
};

// Hard alignment of words: for each target word the source word with the most attention, as Pharaoh
// pairs "0-0 1-2". Words are what white space separates, as SentencePiece marks them.
std::string hard_alignment(const Translation& translation);

}  // namespace heed
