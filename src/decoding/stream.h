// Texts through the engine, line by line: read, translated and handed over in order.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "config/data_config.h"
#include "config/decoding_config.h"
#include "decoding/engine.h"
#include "util/line_reader.h"

namespace heed {

// What to say of characters that the vocabulary lacks, of which so many are named.
std::string unknown_warning(const std::vector<std::string>& characters, size_t named);

// The warnings of a run: of single lines as they come, and how many there were at its end.
class NoteLog {
 public:
  // Warnings name lines as those of this text: `name`:7, or line 7 where it is empty; those of
  // prefixes and phrases as lines of their own files, where there are any.
  explicit NoteLog(std::string text_name, RequestFiles files = {})
      : text_name_(std::move(text_name)), files_(std::move(files)) {}
  // Of line `line`, from 1.
  void add(int64_t line, const TranslationNotes& notes);
  void warn_of_totals(const DataConfig& data, const DecodingConfig& decoding) const;

 private:
  std::string text_name_;
  RequestFiles files_;
  int64_t cut_ = 0, unknown_ = 0;  // lines
  TranslationNotes totals_;
};

// When lines of a stream are translated, and what goes beside them.
struct StreamOptions {
  int64_t latency = 0;  // milliseconds that lines wait for more before a batch that is not full
  RequestFiles files = {};
  LineRange range = {};
  bool silent = false;  // no progress: it would stand among the translations
};

// Reads to the end, and hands over the translations of each line in order. Holds as many lines as
// keep the engine busy; where the input pauses, what is there is translated, so that a pipe's
// reader waits for nothing. `paused` is called when all lines read so far have been handed over.
using LineSink = std::function<void(const std::string& line, const std::vector<Translation>&)>;
void translate_stream(Engine& engine, LineReader& input, const StreamOptions& options,
                      const LineSink& sink, const std::function<void()>& paused, NoteLog& notes);

// The best translation of each line. `handed_over`, where given, gets each as it comes, in order.
using TextSink = std::function<void(const std::string& translation)>;
std::vector<std::string> translate_lines(Engine& engine, const std::vector<std::string>& lines,
                                         NoteLog* notes, const TextSink& handed_over = {});

}  // namespace heed
