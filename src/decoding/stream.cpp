#include "decoding/stream.h"

#include <atomic>
#include <deque>
#include <memory>
#include <optional>

#include "util/error.h"
#include "util/line_reader.h"
#include "util/log.h"
#include "util/progress.h"
#include "util/text.h"

namespace heed {
namespace {

// While input is there, batches fill long before.
constexpr std::chrono::milliseconds kPatience(200);
constexpr int64_t kNamed = 10;       // lines of a kind that are named, before they are only counted
constexpr size_t kUnknownShown = 5;  // characters of a line

// Requests in flight, handed over in the order that they came in.
class InOrder {
 public:
  using Sink = std::function<void(const std::string& line, const Translated&)>;
  // No request waits for others longer than `patience`.
  InOrder(Engine& engine, std::chrono::milliseconds patience, Sink sink)
      : engine_(engine), patience_(patience), sink_(std::move(sink)) {}
  // What an error has left in flight is not translated any more.
  ~InOrder() { *cancelled_ = true; }
  InOrder(const InOrder&) = delete;
  InOrder& operator=(const InOrder&) = delete;

  void add(Request request) {
    if (in_flight_.size() >= engine_.window()) hand_over_first();
    request.cancelled = cancelled_;
    std::future<Translated> future = engine_.submit(request, Engine::Clock::now() + patience_);
    in_flight_.push_back({std::move(request.text), std::move(future)});
    hand_over_finished();
  }

  void hand_over_finished() {
    while (!in_flight_.empty() && in_flight_.front().is_finished()) hand_over_first();
  }

  void hand_over_all() {
    engine_.hurry();
    while (!in_flight_.empty()) hand_over_first();
  }

 private:
  struct Line {
    std::string text;
    std::future<Translated> future;

    bool is_finished() const {
      return future.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    }
  };
  void hand_over_first() {
    Line first = std::move(in_flight_.front());
    in_flight_.pop_front();
    sink_(first.text, first.future.get());
  }

  Engine& engine_;
  std::chrono::milliseconds patience_;
  Sink sink_;
  std::deque<Line> in_flight_;
  std::shared_ptr<std::atomic<bool>> cancelled_ = std::make_shared<std::atomic<bool>>(false);
};

void warn_of_count(int64_t count, const char* what, const std::string& option) {
  if (count > 0) log_warning("{} {} ({})", count, what, option);
}

// "file:7", or "line 7" of a text without a name.
std::string place_of(const std::string& name, int64_t line) {
  if (name.empty()) return fmt::format("line {}", line);
  return fmt::format("{}:{}", name == "-" ? "standard input" : name, line);
}

}  // namespace

std::string unknown_warning(const std::vector<std::string>& characters, size_t named) {
  std::vector<std::string> shown;
  for (const std::string& written : characters) {
    if (shown.size() < named) shown.push_back(printable(written, 20));
  }
  size_t more = characters.size() - shown.size();
  return fmt::format("the vocabulary does not have {}{}: the model does not see it",
                     join(shown, ", "), more == 0 ? "" : fmt::format(" and {} more", more));
}

void NoteLog::add(int64_t line, const TranslationNotes& notes) {
  auto warn = [&](const std::string& text) {
    log_warning("{}: {}", place_of(text_name_, line), text);
  };
  for (const std::string& cut : notes.cuts) {
    if (cut_++ < kNamed) warn(cut);
  }
  if (!notes.unknown.empty() && unknown_++ < kNamed) {
    warn(unknown_warning(notes.unknown, kUnknownShown));
  }
  for (const auto& [texts, file] : {std::pair(&notes.of_prefix, &files_.prefix),
                                    std::pair(&notes.of_phrases, &files_.constraints)}) {
    for (const std::string& text : *texts) {
      log_warning("{}: {}", place_of(file->empty() ? text_name_ : *file, line), text);
    }
  }
  totals_.at_max_length += notes.at_max_length;
  totals_.at_ratio += notes.at_ratio;
  totals_.stuck += notes.stuck;
  totals_.without_phrase += notes.without_phrase;
  totals_.other_pieces += notes.other_pieces;
}

void NoteLog::warn_of_totals(const DataConfig& data, const DecodingConfig& decoding) const {
  if (cut_ > kNamed) {
    log_warning("{} lines in all were cut (data.max_length = {})", cut_, data.max_length);
  }
  if (unknown_ > kNamed) {
    log_warning("{} lines in all have characters that the vocabulary does not have", unknown_);
  }
  const char* at_limit = "translations were cut at the length limit";
  warn_of_count(totals_.at_max_length, at_limit,
                fmt::format("decoding.max_length = {}", decoding.max_length));
  warn_of_count(totals_.at_ratio, at_limit,
                fmt::format("decoding.max_length_ratio = {}", decoding.max_length_ratio));
  if (totals_.stuck > 0) {
    log_warning("{} translations were cut where no further piece was possible", totals_.stuck);
  }
  if (totals_.without_phrase > 0) {
    log_warning("{} translations lack a phrase that they should hold: a larger beam may find room",
                totals_.without_phrase);
  }
  if (totals_.other_pieces > 0) {
    log_warning(
        "{} translations of the list have \"pieces\" that do not spell their \"text\": the text is "
        "scored, split into pieces anew; leave the pieces out where a text has been changed",
        with_commas(totals_.other_pieces));
  }
}

namespace {

// By the bytes of the file that the lines handed over stand for: more are read ahead.
class ReadingProgress {
 public:
  ReadingProgress(const LineReader& input, const StreamOptions& options)
      : input_(input), first_(input.offset()) {
    if (options.silent || input.is_terminal()) return;
    int64_t bytes = input.file_bytes();
    Work work{.what = "translating " + short_name(input.path())};
    if (bytes > 0) {
      work.total = std::min(bytes, options.range.end_byte);
      work.from = input.file_offset();
    } else {
      work.unit = "lines";
    }
    counted_ = work.total > 0;
    progress_.emplace(std::move(work));
  }

  void add(const std::string& line) {
    if (!progress_) return;
    if (!counted_) return progress_->add();
    handed_over_ += std::ssize(line) + 1;
    // Of compressed text, as far as it is read, the same share.
    auto share = static_cast<double>(first_ + handed_over_) / static_cast<double>(input_.offset());
    progress_->reach(static_cast<int64_t>(share * static_cast<double>(input_.file_offset())));
  }

 private:
  const LineReader& input_;
  int64_t first_, handed_over_ = 0;  // bytes of the text
  bool counted_ = false;
  std::optional<Progress> progress_;
};

}  // namespace

void translate_stream(Engine& engine, LineReader& input, const StreamOptions& options,
                      const LineSink& sink, const std::function<void()>& paused, NoteLog& notes) {
  using Clock = Engine::Clock;
  RequestReader reader(input, options.files, options.range);
  ReadingProgress progress(input, options);
  int64_t handed_over = options.range.skipped;
  std::chrono::milliseconds latency(options.latency);
  InOrder lines(engine, std::max(latency, kPatience),
                [&](const std::string& line, const Translated& translated) {
                  notes.add(++handed_over, translated.notes);
                  sink(line, translated.translations);
                  progress.add(line);
                });
  bool any_waits = false;
  Clock::time_point deadline;  // of the first line that waits
  for (Request request; reader.next(request);) {
    if (!any_waits) deadline = Clock::now() + latency;
    any_waits = true;
    auto line = static_cast<int64_t>(request.number);
    try {
      lines.add(std::move(request));
    } catch (const DemandError& error) {
      lines.hand_over_all();  // those before it are good
      paused();
      bool prefix = error.part == DemandError::Part::kPrefix || options.files.constraints.empty();
      const std::string& file = prefix ? options.files.prefix : options.files.constraints;
      fail("{}: {}", place_of(file, line), error.what());
    }
    auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (reader.ready(std::max<int64_t>(left, 0))) continue;
    lines.hand_over_all();
    paused();
    any_waits = false;
  }
  lines.hand_over_all();
  paused();
}

std::vector<std::string> translate_lines(Engine& engine, const std::vector<std::string>& lines,
                                         NoteLog* notes, const TextSink& handed_over) {
  std::vector<std::string> translations;
  InOrder in_order(engine, kPatience, [&](const std::string&, const Translated& translated) {
    translations.push_back(translated.translations[0].text);
    if (notes) notes->add(std::ssize(translations), translated.notes);
    if (handed_over) handed_over(translations.back());
  });
  for (size_t i = 0; i < lines.size(); ++i) {
    in_order.add({.text = lines[i], .prefix = {}, .phrases = {}, .number = i + 1});
  }
  in_order.hand_over_all();
  return translations;
}

}  // namespace heed
