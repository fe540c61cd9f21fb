// Lines in, translations out: one for each, in order.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "decoding/requests.h"
#include "decoding/search.h"
#include "decoding/translation.h"
#include "decoding/unknown_words.h"
#include "model/bundle.h"
#include "util/files.h"
#include "util/workers.h"

namespace heed {

// What happens to lines around the search.
struct LineOptions {
  bool split_sentences = false;  // translate a line's sentences one by one
  bool split_long = false;       // translate a line beyond data.max_length in parts; else it is cut
  bool replace_unknown = false;  // unknown pieces by what the model looked at
  Dictionary dictionary = {};    // its entry instead, where there is one
  bool warns_of_cuts = true;     // of each of the first lines that are cut
  // Batches translated at the same time, each on a thread of its own with one thread inside
  // operators; 1: on the caller's. What is in a batch does not depend on it, so neither does any
  // translation.
  int64_t workers = 1;
};

// When a stream's lines are translated, and what goes beside them.
struct StreamOptions {
  int64_t latency = 0;  // milliseconds that lines wait for more before a batch that is not full
  RequestFiles files = {};
};

// What a run has met that its user should know of.
struct TranslationCounts {
  int64_t cut = 0;  // lines longer than the model takes
  int64_t at_max_length = 0, at_ratio = 0,
          stuck = 0;           // translations that did not end by themselves
  int64_t without_phrase = 0;  // that lack a phrase they should hold
};

class Translator {
 public:
  // `model` is the bundle's own or an ensemble that it is part of.
  Translator(const Bundle& bundle, std::shared_ptr<Seq2Seq> model, const SearchOptions& options,
             int64_t batch_size, LineOptions lines = {});

  // Lines are counted from here on, and warnings name them as lines of this text.
  void begin_text(const std::string& name);

  // Translations of each line, best first, at most n_best. Blank lines give one empty translation,
  // and lines in several parts one that joins the best of each.
  std::vector<std::vector<Translation>> translate(const std::vector<std::string>& lines);
  std::vector<std::vector<Translation>> translate(const std::vector<Request>& requests);

  // Reads to the end, and hands over the translations of each line in order. Takes many lines at
  // once while input is there and what there is when it pauses, so that a pipe's reader waits for
  // nothing.
  using Sink = std::function<void(const std::string& line, const std::vector<Translation>&)>;
  // `paused` is called when all lines read so far have been handed over.
  void stream(LineReader& input, const Sink& sink, const std::function<void()>& paused,
              const StreamOptions& options = {});

  // log P of given translations of the lines. A blank source is the end symbol alone. A target is
  // cut where it is longer than any translation of the longest source could be.
  std::vector<Translation> score(const std::vector<std::string>& sources,
                                 const std::vector<std::string>& targets);

  const TranslationCounts& counts() const { return counts_; }
  // Warnings at the end of a run: how many lines were cut or did not end.
  void warn_of_limits() const;

 private:
  // What is searched for at once: a line, or a part of one.
  struct Part {
    size_t line;       // index of its request
    std::string text;  // of the line, or of one of its sentences
    size_t first = 0;  // of the text's pieces, the first that is in this part
    std::vector<int32_t> source = {};
    Demand demand = {};
  };

  // The pieces of each line, or of each of its sentences.
  struct Text {
    std::string text;
    std::vector<int32_t> ids;
  };
  using Texts = std::vector<Text>;
  std::vector<Part> parts_of(const std::vector<Request>& requests);
  Texts encode(const Request& request) const;
  void add_parts(const Request& request, Texts texts, size_t line, std::vector<Part>& parts);
  void add_pieces(Part part, std::vector<int32_t> ids, std::vector<Part>& parts);
  // work(0) to work(count - 1), shared among the workers as they become free.
  void share(size_t count, const std::function<void(size_t)>& work);
  std::vector<int32_t> encode_target(const std::string& text) const;
  void cut_target(std::vector<int32_t>& ids);
  // Counts a line that is cut; whether it is to be named.
  bool notes_cut();
  std::string place() const;  // of the line at hand, for messages
  std::vector<std::vector<size_t>> plan(const std::vector<Part>& parts) const;
  // The hypotheses of a batch's parts, and what they read as.
  struct Found {
    Hypothesis best;
    std::vector<Translation> translations;
  };
  void translate_batch(const std::vector<Part>& parts, const std::vector<size_t>& batch,
                       std::vector<Found>& found) const;
  void score_batch(const std::vector<Part>& parts, const std::vector<size_t>& batch,
                   const std::vector<std::vector<int32_t>>& targets,
                   std::vector<Translation>& scored) const;
  std::vector<Translation> translations_of(const std::vector<Hypothesis>& found,
                                           const Part& part) const;
  Translation make_translation(const Hypothesis& hypothesis, const Part& part) const;
  void count(const Hypothesis& best, const Part& part);

  const Bundle& bundle_;
  std::shared_ptr<Seq2Seq> model_;
  SearchOptions options_;
  int64_t batch_size_, n_best_;
  LineOptions lines_;
  std::unique_ptr<Workers> workers_;
  std::string text_name_;
  int64_t line_ = 0;  // of the text, the one that was last begun
  TranslationCounts counts_;
};

// One translation of several parts in order: texts joined by a space, log-probabilities and lengths
// summed, the score the parts' mean by length; pieces and attention without the end symbols
// between.
Translation join_translations(const std::vector<Translation>& parts);

}  // namespace heed
