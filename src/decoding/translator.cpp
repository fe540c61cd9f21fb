#include "decoding/translator.h"

#include <algorithm>
#include <numeric>

#include "util/error.h"
#include "util/log.h"
#include "util/text.h"

namespace heed {
namespace {

constexpr size_t kWindowBatches = 16;      // lines sorted by length together, in batches
constexpr size_t kMaxLineBytes = 1 << 20;  // of a line, the rest is dropped with a warning
constexpr int64_t kCutsNamed = 10;         // lines cut that are named, before they are only counted

bool starts_word(const std::string& piece) { return piece.starts_with("\xE2\x96\x81"); }

// The word of each piece, from 0; the end symbol belongs to none.
std::vector<int64_t> word_of_pieces(const std::vector<std::string>& pieces) {
  std::vector<int64_t> words;
  int64_t word = -1;
  for (const std::string& piece : pieces) {
    if (piece == "</s>") break;
    if (word < 0 || starts_word(piece)) ++word;
    words.push_back(word);
  }
  return words;
}

}  // namespace

Translator::Translator(const Bundle& bundle, std::shared_ptr<Seq2Seq> model,
                       const SearchOptions& options, int64_t batch_size)
    : bundle_(bundle), model_(std::move(model)), options_(options), batch_size_(batch_size) {}

std::vector<int32_t> Translator::encode_source(const std::string& line) {
  ++counts_.lines;
  if (is_blank(line)) {
    ++counts_.blank;
    return {};
  }
  std::vector<int32_t> ids = bundle_.tokenizers.source->encode(line);
  auto limit = static_cast<size_t>(bundle_.config.data.max_length);
  if (ids.size() > limit) {
    if (counts_.cut++ < kCutsNamed) {
      log_warning("line {}: {} pieces, cut to {} (data.max_length)", counts_.lines, ids.size(),
                  limit);
    }
    ids.resize(limit);
  }
  counts_.source_pieces += static_cast<int64_t>(ids.size());
  return ids;
}

// Batches of sentences of like length; lines without a piece are left out.
std::vector<std::vector<size_t>> Translator::plan(
    const std::vector<std::vector<int32_t>>& sources) const {
  std::vector<size_t> order;
  for (size_t i = 0; i < sources.size(); ++i) {
    if (!sources[i].empty()) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return sources[a].size() > sources[b].size(); });
  std::vector<std::vector<size_t>> batches;
  for (size_t start = 0; start < order.size(); start += batch_size_) {
    size_t end = std::min(start + batch_size_, order.size());
    batches.emplace_back(order.begin() + static_cast<std::ptrdiff_t>(start),
                         order.begin() + static_cast<std::ptrdiff_t>(end));
  }
  return batches;
}

Translation Translator::make_translation(const Hypothesis& hypothesis,
                                         const std::vector<int32_t>& source) const {
  Translation translation;
  const Tokenizer& target = *bundle_.tokenizers.target;
  translation.text = target.decode(hypothesis.ids);
  // A translation is one line, whatever characters the model has put together.
  std::replace(translation.text.begin(), translation.text.end(), '\n', ' ');
  translation.score = hypothesis.score;
  translation.log_probability = hypothesis.log_probability;
  translation.ended = hypothesis.ended;
  translation.source_pieces = bundle_.tokenizers.source->pieces(source);
  translation.source_pieces.emplace_back("</s>");
  translation.target_pieces = target.pieces(hypothesis.ids);
  if (hypothesis.ended) translation.target_pieces.emplace_back("</s>");
  translation.attention = hypothesis.attention;
  return translation;
}

std::vector<std::vector<Translation>> Translator::translate(const std::vector<std::string>& lines) {
  std::vector<std::vector<int32_t>> sources;
  for (const std::string& line : lines) sources.push_back(encode_source(line));
  std::vector<std::vector<Translation>> translations(lines.size(), {Translation{}});
  for (const auto& batch : plan(sources)) {
    std::vector<SentenceView> sentences;
    for (size_t i : batch) sentences.emplace_back(sources[i]);
    IdMatrix ids = pad_sentences(sentences, bundle_.tokenizers.source->special());
    auto found = search(*model_, ids, bundle_.tokenizers.target->special(), options_);
    for (size_t k = 0; k < batch.size(); ++k) {
      translations[batch[k]].clear();
      for (const Hypothesis& hypothesis : found[k]) {
        translations[batch[k]].push_back(make_translation(hypothesis, sources[batch[k]]));
      }
      if (!found[k][0].ended) ++counts_.unended;
      counts_.target_pieces += static_cast<int64_t>(found[k][0].ids.size());
    }
  }
  return translations;
}

void Translator::stream(LineReader& input, const Sink& sink, const std::function<void()>& paused) {
  input.set_max_line_bytes(kMaxLineBytes);
  size_t window = kWindowBatches * static_cast<size_t>(batch_size_);
  std::vector<std::string> lines;
  auto flush = [&] {
    auto translations = translate(lines);
    for (size_t i = 0; i < lines.size(); ++i) sink(lines[i], translations[i]);
    lines.clear();
    paused();
  };
  for (std::string line; input.next(line);) {
    if (input.cut()) {
      log_warning("{}:{}: the line has over {} bytes; the rest is dropped", input.path(),
                  input.lines_read(), kMaxLineBytes);
    }
    lines.push_back(line);
    if (lines.size() >= window || !input.ready()) flush();
  }
  if (!lines.empty()) flush();
  if (input.repaired_lines() > 0) {
    log_warning("{}: replaced invalid UTF-8 or NUL bytes in {} lines, the first is line {}",
                input.path(), input.repaired_lines(), input.first_repaired_line());
  }
}

std::vector<Translation> Translator::score(const std::vector<std::string>& sources,
                                           const std::vector<std::string>& targets) {
  std::vector<std::vector<int32_t>> source_ids;
  for (const std::string& line : sources) source_ids.push_back(encode_source(line));
  std::vector<Translation> scored(sources.size());
  for (const auto& batch : plan(source_ids)) {
    std::vector<SentenceView> sentences;
    std::vector<std::vector<int32_t>> target_ids;
    for (size_t i : batch) {
      sentences.emplace_back(source_ids[i]);
      target_ids.push_back(bundle_.tokenizers.target->encode(targets[i]));
    }
    IdMatrix ids = pad_sentences(sentences, bundle_.tokenizers.source->special());
    auto hypotheses =
        score_targets(*model_, ids, target_ids, bundle_.tokenizers.target->special(), options_);
    for (size_t k = 0; k < batch.size(); ++k) {
      scored[batch[k]] = make_translation(hypotheses[k], source_ids[batch[k]]);
    }
  }
  return scored;
}

void Translator::warn_of_limits() const {
  if (counts_.cut > kCutsNamed) {
    log_warning("{} lines in all were cut to {} pieces (data.max_length)", counts_.cut,
                bundle_.config.data.max_length);
  }
  if (counts_.unended > 0) {
    log_warning("{} translations were cut at the length limit (decoding.max_length_ratio = {})",
                counts_.unended, options_.max_length_ratio);
  }
}

std::string hard_alignment(const Translation& translation) {
  std::vector<int64_t> source_words = word_of_pieces(translation.source_pieces);
  std::vector<int64_t> target_words = word_of_pieces(translation.target_pieces);
  if (source_words.empty() || target_words.empty()) return "";
  int64_t sources = source_words.back() + 1, targets = target_words.back() + 1;
  std::vector<std::vector<double>> mass(targets, std::vector<double>(sources));
  for (size_t row = 0; row < std::min(target_words.size(), translation.attention.size()); ++row) {
    for (size_t column = 0; column < source_words.size(); ++column) {
      mass[target_words[row]][source_words[column]] += translation.attention[row][column];
    }
  }
  std::vector<std::string> pairs;
  for (int64_t target = 0; target < targets; ++target) {
    auto best = std::max_element(mass[target].begin(), mass[target].end());
    pairs.push_back(fmt::format("{}-{}", best - mass[target].begin(), target));
  }
  return join(pairs, " ");
}

}  // namespace heed
