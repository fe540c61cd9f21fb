#include "decoding/inspection.h"

#include "alignment/pharaoh.h"
#include "decoding/attention_maps.h"
#include "util/line_counts.h"
#include "util/line_reader.h"
#include "util/log.h"
#include "util/markup.h"
#include "util/progress.h"
#include "util/text.h"

namespace heed {
namespace {

// Against given translations a link must lie within the sentences; the model's own may be shorter.
void check_gold(const InspectionTexts& texts, size_t line, const std::string& where) {
  PairWords words{count_words(texts.source[line])};
  if (!texts.target.empty()) words.target = count_words(texts.target[line]);
  check_links(texts.gold[line], words, where);
}

std::unordered_map<std::string, int32_t> ids_of(const Tokenizer& tokenizer) {
  std::unordered_map<std::string, int32_t> ids;
  for (int32_t id = 0; id < tokenizer.vocab_size(); ++id) ids[tokenizer.piece(id)] = id;
  return ids;
}

}  // namespace

InspectionTexts read_inspection(const InspectionFiles& files) {
  InspectionTexts texts;
  texts.source = read_lines(files.source);
  refuse_markup(texts.source, files.source);
  if (!files.target.empty()) {
    texts.target = read_lines(files.target);
    refuse_markup(texts.target, files.target);
    check_line_counts({files.source, std::ssize(texts.source)},
                      {files.target, std::ssize(texts.target)});
  }
  if (!files.alignment.empty()) {
    std::vector<std::string> lines = read_lines(files.alignment);
    check_line_counts({files.source, std::ssize(texts.source)},
                      {files.alignment, std::ssize(lines)});
    for (size_t i = 0; i < lines.size(); ++i) {
      std::string where = fmt::format("{}:{}", files.alignment, i + 1);
      texts.gold.push_back(parse_pharaoh(lines[i], where));
      check_gold(texts, i, where);
    }
  }
  if (!files.ambiguous.empty()) {
    auto words = read_ambiguous_words(files.ambiguous);
    check_ambiguous_words(words, files.ambiguous, texts.source);
    texts.words.resize(texts.source.size());
    for (AmbiguousWord& word : words) {
      texts.words[static_cast<size_t>(word.line)].push_back(std::move(word));
    }
  }
  return texts;
}

Inspection::Inspection(const LoadedModel& model, const EngineOptions& options,
                       const InspectionTexts& texts, size_t page_sentences, const std::string& name)
    : model_(model),
      options_(options),
      texts_(texts),
      page_sentences_(page_sentences),
      engine_(model, options),
      notes_(name),
      source_ids_(ids_of(*model.tokenizers.source)),
      target_ids_(ids_of(*model.tokenizers.target)) {}

void Inspection::run() {
  Progress progress(
      {.what = "inspecting", .total = std::ssize(texts_.source), .unit = "sentences"});
  auto batch = static_cast<size_t>(options_.batch_size);
  for (size_t begin = 0; begin < texts_.source.size(); begin += batch) {
    std::vector<size_t> lines;
    for (size_t i = begin; i < std::min(begin + batch, texts_.source.size()); ++i) {
      lines.push_back(i);
    }
    inspect_batch(lines);
    progress.add(std::ssize(lines));
  }
  warn();
}

void Inspection::warn() const {
  const DataConfig& data = model_.config.data;
  notes_.warn_of_totals(data, options_.search);
  if (cut_ > 0)
    log_warning("{} sentences cut to {} pieces (data.max_length)", cut_, data.max_length);
  if (report_.unmatched() > 0) {
    log_warning(
        "{} sentences have links to words that the model did not see or write; these links count "
        "as missed",
        report_.unmatched());
  }
  if (blank_ > 0) log_info("{} lines with a blank side left out", blank_);
}

void Inspection::inspect_batch(const std::vector<size_t>& lines) {
  bool given = !texts_.target.empty();
  std::vector<Pair> pairs = given ? given_pairs(lines) : translated_pairs(lines);
  blank_ += lines.size() - pairs.size();
  add_maps(pairs);
  for (Pair& pair : pairs) {
    report_.add(pair.sentence,
                texts_.gold.empty() ? std::nullopt : std::optional(texts_.gold[pair.line]));
  }
  if (!texts_.words.empty()) inspect_senses(lines, pairs);
  for (Pair& pair : pairs) {
    if (inspected_++ < page_sentences_) sentences_.push_back(std::move(pair.sentence));
  }
}

// Senses are judged on the model's own translations, which are `pairs` unless others are given.
void Inspection::inspect_senses(const std::vector<size_t>& lines, const std::vector<Pair>& pairs) {
  std::vector<size_t> ambiguous;
  for (size_t line : lines) {
    if (!texts_.words[line].empty()) ambiguous.push_back(line);
  }
  std::vector<Pair> own;
  if (!texts_.target.empty()) {
    own = translated_pairs(ambiguous);
    add_maps(own);
  }
  for (const Pair& pair : texts_.target.empty() ? pairs : own) {
    if (!texts_.words[pair.line].empty()) {
      report_.add_senses(pair.sentence, texts_.words[pair.line]);
    }
  }
}

std::vector<Inspection::Pair> Inspection::translated_pairs(const std::vector<size_t>& lines) {
  std::vector<Request> requests;
  for (size_t line : lines) {
    requests.push_back(
        {.text = texts_.source[line], .prefix = {}, .phrases = {}, .number = line + 1});
  }
  std::vector<Pair> pairs;
  std::vector<Translated> translated = engine_.translate(requests);
  for (size_t i = 0; i < lines.size(); ++i) {
    notes_.add(static_cast<int64_t>(lines[i]) + 1, translated[i].notes);
    const Translation& best = translated[i].translations[0];
    if (best.source_pieces.empty()) continue;
    pairs.push_back({lines[i],
                     {.source_text = requests[i].text,
                      .target_text = best.text,
                      .source_pieces = best.source_pieces,
                      .target_pieces = best.target_pieces,
                      .maps = {},
                      .source_words = best.source_words,
                      .target_words = best.target_words}});
  }
  return pairs;
}

std::vector<Inspection::Pair> Inspection::given_pairs(const std::vector<size_t>& lines) {
  std::vector<Pair> pairs;
  for (size_t line : lines) {
    const std::string &source = texts_.source[line], &target = texts_.target[line];
    if (is_blank(source) || is_blank(target)) continue;
    Side from = side_of(*model_.tokenizers.source, source);
    Side to = side_of(*model_.tokenizers.target, target);
    pairs.push_back({line,
                     {.source_text = source,
                      .target_text = target,
                      .source_pieces = std::move(from.pieces),
                      .target_pieces = std::move(to.pieces),
                      .maps = {},
                      .source_words = std::move(from.words),
                      .target_words = std::move(to.words)}});
  }
  return pairs;
}

Inspection::Side Inspection::side_of(const Tokenizer& tokenizer, const std::string& text) {
  auto [ids, spans] = tokenizer.encode_spans(text);
  auto limit = static_cast<size_t>(model_.config.data.max_length);
  if (ids.size() > limit) {
    ++cut_;
    ids.resize(limit);
    spans.resize(limit);
  }
  Side side{tokenizer.pieces(ids), words_of_pieces(text, spans)};
  side.pieces.emplace_back("</s>");
  side.words.push_back(kNoWord);
  return side;
}

void Inspection::add_maps(std::vector<Pair>& pairs) {
  std::vector<AttentionPair> ids;
  auto ids_of = [](const std::vector<std::string>& pieces, const auto& vocabulary) {
    std::vector<int32_t> found;  // all but the end symbol
    for (size_t i = 0; i + 1 < pieces.size(); ++i) found.push_back(vocabulary.at(pieces[i]));
    return found;
  };
  for (const Pair& pair : pairs) {
    ids.push_back({ids_of(pair.sentence.source_pieces, source_ids_),
                   ids_of(pair.sentence.target_pieces, target_ids_)});
  }
  if (ids.empty()) return;
  auto maps = attention_maps(*model_.inference, ids, model_.tokenizers.source->special(),
                             model_.tokenizers.target->special());
  for (size_t i = 0; i < pairs.size(); ++i) pairs[i].sentence.maps = std::move(maps[i]);
}

}  // namespace heed
