#include "data/corpus.h"

#include <algorithm>
#include <future>
#include <optional>

#include "alignment/pharaoh.h"
#include "data/tags.h"
#include "util/error.h"
#include "util/file_content.h"
#include "util/line_reader.h"
#include "util/log.h"
#include "util/markup.h"
#include "util/text.h"

namespace heed {
namespace {

constexpr size_t kChunkLines = 8192;

// The pieces of each line; their bytes only where alignments are given, which need them.
std::vector<SpannedIds> encode_all(const Tokenizer& tokenizer,
                                   const std::vector<std::string>& lines, bool aligned) {
  std::vector<SpannedIds> pieces;
  pieces.reserve(lines.size());
  for (const std::string& line : lines) {
    pieces.push_back(aligned ? tokenizer.encode_spans(line)
                             : SpannedIds{tokenizer.encode(line), {}});
  }
  return pieces;
}

bool differs_too_much(size_t a, size_t b, double ratio) {
  if (ratio <= 0) return false;
  return static_cast<double>(std::max(a, b)) > ratio * static_cast<double>(std::min(a, b));
}

// Reads the pairs of one pair of files into a corpus, chunk by chunk.
class PairReader {
 public:
  PairReader(const CorpusFiles& files, size_t index, const TokenizerPair& tokenizers,
             const DataConfig& limits, Corpus& corpus)
      : source_(files.source[index]),
        target_(files.target[index]),
        tokenizers_(tokenizers),
        limits_(limits),
        corpus_(corpus) {
    if (!files.alignment.empty()) alignment_.emplace(files.alignment[index]);
    if (files.tags.empty()) return;
    tag_ = encode_tag(tokenizers.source, files.tags[index], "[data] tags:");
  }

  void read() {
    while (read_chunk()) {
      if (first_line_ == 0) {
        refuse_markup(source_lines_, source_.path());
        refuse_markup(target_lines_, target_.path());
      }
      add_chunk();
    }
    check_line_counts();
    source_.warn_of_repairs();
    target_.warn_of_repairs();
  }

 private:
  bool read_chunk() {
    source_lines_.clear();
    target_lines_.clear();
    alignment_lines_.clear();
    std::string source_line, target_line, alignment_line;
    while (source_lines_.size() < kChunkLines) {
      bool more_source = source_.next(source_line);
      bool more_target = target_.next(target_line);
      bool more_alignment = !alignment_ || alignment_->next(alignment_line);
      if (!more_source || !more_target || !more_alignment) break;
      source_lines_.push_back(source_line);
      target_lines_.push_back(target_line);
      if (alignment_) alignment_lines_.push_back(alignment_line);
    }
    return !source_lines_.empty();
  }

  void add_chunk() {
    bool aligned = alignment_.has_value();
    auto sources = std::async(std::launch::async, encode_all, std::cref(tokenizers_.source),
                              std::cref(source_lines_), aligned);
    auto targets = encode_all(tokenizers_.target, target_lines_, aligned);
    auto ready_sources = sources.get();
    for (SpannedIds& pieces : ready_sources) put_tag_before(pieces);
    for (size_t i = 0; i < targets.size(); ++i) add_pair(i, ready_sources[i], targets[i]);
    first_line_ += targets.size();
    if (corpus_.counts.read % (kChunkLines * 16) == 0) {
      log_info("data: {} pairs read", with_commas(corpus_.counts.read));
    } else if (stderr_is_terminal()) {
      show_status_line(fmt::format("data: {} pairs read", with_commas(corpus_.counts.read)));
    }
  }

  // A text without pieces stays so: the pair is dropped.
  void put_tag_before(SpannedIds& pieces) const {
    if (!pieces.ids.empty()) pieces.ids.insert(pieces.ids.begin(), tag_.begin(), tag_.end());
  }

  void add_pair(size_t i, const SpannedIds& source_pieces, const SpannedIds& target_pieces) {
    const std::vector<int32_t>&source = source_pieces.ids, &target = target_pieces.ids;
    FilterCounts& counts = corpus_.counts;
    ++counts.read;
    auto longest = static_cast<size_t>(limits_.max_length);
    if (is_blank(source_lines_[i]) || is_blank(target_lines_[i]) || source.empty() ||
        target.empty()) {
      ++counts.blank;
    } else if (source.size() > longest || target.size() > longest) {
      ++counts.too_long;
    } else if (differs_too_much(source.size(), target.size(), limits_.max_length_ratio)) {
      ++counts.ratio;
    } else {
      ++counts.kept;
      corpus_.source.add(source);
      corpus_.target.add(target);
      corpus_.round_trip.add(tokenizers_.target, target_lines_[i], target, target_.path(),
                             static_cast<int64_t>(first_line_ + i) + 1);
      if (alignment_) add_links(i, source_pieces, target_pieces);
    }
  }

  void add_links(size_t i, const SpannedIds& source, const SpannedIds& target) {
    const std::string &source_line = source_lines_[i], &target_line = target_lines_[i];
    std::string where = fmt::format("{}:{}", alignment_->path(), first_line_ + i + 1);
    std::vector<Link> links = parse_pharaoh(alignment_lines_[i], where);
    check_links(links, {count_words(source_line), count_words(target_line)}, where);
    PieceWords source_words = words_of_pieces(source_line, source.spans);
    source_words.insert(source_words.begin(), tag_.size(), kNoWord);
    corpus_.counts.unmatched +=
        corpus_.alignments.add(links, source_words, words_of_pieces(target_line, target.spans));
  }

  // A reader may have more lines than another, at most one of them already taken.
  void check_line_counts() {
    std::string line;
    while (source_.next(line)) {
    }
    while (target_.next(line)) {
    }
    while (alignment_ && alignment_->next(line)) {
    }
    if (alignment_ && alignment_->lines_read() != source_.lines_read()) {
      fail("{} has {} lines and {} has {}: line i must hold the links of pair i",
           alignment_->path(), with_commas(alignment_->lines_read()), source_.path(),
           with_commas(source_.lines_read()));
    }
    if (source_.lines_read() == target_.lines_read()) return;
    fail(
        "{} has {} lines and {} has {}: line i of one must be the translation of line i of the "
        "other",
        source_.path(), with_commas(source_.lines_read()), target_.path(),
        with_commas(target_.lines_read()));
  }

  LineReader source_, target_;
  std::optional<LineReader> alignment_;
  const TokenizerPair& tokenizers_;
  std::vector<int32_t> tag_;
  const DataConfig& limits_;
  Corpus& corpus_;
  std::vector<std::string> source_lines_, target_lines_, alignment_lines_;
  size_t first_line_ = 0;  // of the chunk, from 0
};

}  // namespace

std::string FilterCounts::summary(const DataConfig& limits) const {
  std::string text = fmt::format("{} pairs read, {} kept", with_commas(read), with_commas(kept));
  if (kept == read) return text;
  std::vector<std::string> reasons;
  if (blank > 0) reasons.push_back(with_commas(blank) + " blank on a side");
  if (too_long > 0) {
    reasons.push_back(fmt::format("{} over {} pieces", with_commas(too_long), limits.max_length));
  }
  if (ratio > 0) {
    reasons.push_back(
        fmt::format("{} with a length ratio over {}", with_commas(ratio), limits.max_length_ratio));
  }
  return text + "; dropped: " + join(reasons, ", ");
}

void Sentences::add(const std::vector<int32_t>& ids) {
  ids_.insert(ids_.end(), ids.begin(), ids.end());
  starts_.push_back(ids_.size());
}

std::string Sentences::checksum() const {
  return heed::checksum(
      {reinterpret_cast<const char*>(ids_.data()), ids_.size() * sizeof(int32_t)});
}

Corpus read_corpus(const CorpusFiles& files, const TokenizerPair& tokenizers,
                   const DataConfig& limits) {
  Corpus corpus;
  for (size_t i = 0; i < files.source.size(); ++i) {
    PairReader(files, i, tokenizers, limits, corpus).read();
  }
  show_status_line("");
  if (corpus.counts.unmatched > 0) {
    log_warning(
        "{}: {} pairs have links to words of which normalisation leaves nothing; these "
        "links are left out",
        join(files.alignment, ", "), with_commas(corpus.counts.unmatched));
  }
  if (corpus.size() == 0) {
    fail("{} and {}: no pair to use: {}", join(files.source, ", "), join(files.target, ", "),
         corpus.counts.summary(limits));
  }
  return corpus;
}

}  // namespace heed
