// What a model attends to over a text: sentences for a page, and numbers for a report.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "decoding/attention_report.h"
#include "decoding/stream.h"

namespace heed {

// What is inspected, read and checked before the model does any work. Paths are of files, line by
// line the same; empty ones are not asked for.
struct InspectionFiles {
  std::string source, target;        // without a target the model translates
  std::string alignment, ambiguous;  // gold links; ambiguous words
};
struct InspectionTexts {
  std::vector<std::string> source, target;
  std::vector<std::vector<Link>> gold;            // a list per line
  std::vector<std::vector<AmbiguousWord>> words;  // the same
};
// Throws Error with both counts where files differ in length, and where a link lies outside its
// sentences.
InspectionTexts read_inspection(const InspectionFiles& files);

// Goes through the texts, a batch of lines at a time, so that maps of only one batch are held.
class Inspection {
 public:
  // `model` and `texts` must live as long. The search must want attention. Of the first
  // `page_sentences` pairs the maps are kept; `name` is the source's in messages.
  Inspection(const LoadedModel& model, const EngineOptions& options, const InspectionTexts& texts,
             size_t page_sentences, const std::string& name);

  void run();

  const AttentionReport& report() const { return report_; }
  std::vector<AttentionSentence> take_sentences() { return std::move(sentences_); }
  size_t inspected() const { return inspected_; }

 private:
  // One sentence with its translation, the model's own or a given one.
  struct Pair {
    size_t line;  // from 0
    AttentionSentence sentence;
  };
  // A text's pieces with the end symbol, and their words.
  struct Side {
    std::vector<std::string> pieces;
    PieceWords words;
  };
  using Ids = std::unordered_map<std::string, int32_t>;

  void inspect_batch(const std::vector<size_t>& lines);
  void inspect_senses(const std::vector<size_t>& lines, const std::vector<Pair>& pairs);
  std::vector<Pair> translated_pairs(const std::vector<size_t>& lines);
  std::vector<Pair> given_pairs(const std::vector<size_t>& lines);
  Side side_of(const Tokenizer& tokenizer, const std::string& text);
  void add_maps(std::vector<Pair>& pairs);
  void warn() const;

  const LoadedModel& model_;
  EngineOptions options_;
  const InspectionTexts& texts_;
  size_t page_sentences_;
  Engine engine_;
  NoteLog notes_;
  Ids source_ids_, target_ids_;
  AttentionReport report_;
  std::vector<AttentionSentence> sentences_;
  size_t inspected_ = 0, blank_ = 0;
  int64_t cut_ = 0;
};

}  // namespace heed
