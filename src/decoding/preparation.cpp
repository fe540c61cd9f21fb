#include "decoding/preparation.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "decoding/splitting.h"
#include "util/text.h"

namespace heed {
namespace {

constexpr int kPartBits = 20;  // of a number that tells parts of lines apart

}  // namespace

std::string bytes_cut(size_t bytes) {
  return fmt::format("{} bytes, cut to {}", with_commas(static_cast<int64_t>(bytes)),
                     with_commas(Tokenizer::kMaxBytes));
}

void note_left_out(const Request& request, TranslationNotes& notes) {
  auto note = [](const std::string& text, std::vector<std::string>& to) {
    if (is_blank(text)) return;
    to.push_back(fmt::format("\"{}\" is left out: its source has nothing to translate",
                             printable(text, 80)));
  };
  note(request.prefix, notes.of_prefix);
  for (const std::string& phrase : request.phrases) note(phrase, notes.of_phrases);
}

Prepared Preparation::operator()(const Request& request) const {
  Prepared prepared;
  std::vector<Text> texts = texts_of(request);
  note_unknown(texts, prepared.notes);
  for (Text& text : texts) add_parts(std::move(text), prepared);
  for (size_t i = 0; i < prepared.parts.size(); ++i) {
    prepared.parts[i].demand.number = (request.number << kPartBits) + i;
  }
  if (prepared.parts.empty()) {
    note_left_out(request, prepared.notes);
    return prepared;
  }
  Demand demand = demand_of(request, prepared.notes);
  demand.number = prepared.parts[0].demand.number;
  prepared.parts[0].demand = std::move(demand);
  return prepared;
}

const SearchOptions& Preparation::search_of(const Request& request) const {
  return request.search ? *request.search : limits_.search;
}

// The search goes on until all that is demanded stands there, so it must not be without an end.
Demand Preparation::demand_of(const Request& request, TranslationNotes& notes) const {
  Demand demand;
  int64_t most = longest_translation(limits_.max_length, search_of(request));
  auto check = [&](DemandError::Part part, int64_t pieces) {
    if (pieces <= most) return;
    bool prefix = part == DemandError::Part::kPrefix;
    throw DemandError(
        part, fmt::format("{} of {} pieces, and the longest translation has {} (data.max_length "
                          "times decoding.max_length_ratio, plus 10): demand less",
                          prefix ? "a prefix" : "a prefix and phrases", with_commas(pieces),
                          with_commas(most)));
  };
  demand.prefix = encode_target(request.prefix, notes.of_prefix);
  int64_t pieces = std::ssize(demand.prefix);
  check(DemandError::Part::kPrefix, pieces);
  for (const std::string& phrase : request.phrases) {
    std::vector<int32_t> ids = encode_target(phrase, notes.of_phrases);
    if (ids.empty()) continue;  // invisible characters alone
    pieces += std::ssize(ids);
    demand.phrases.push_back(std::move(ids));
  }
  check(DemandError::Part::kPhrases, pieces);
  return demand;
}

std::vector<Preparation::Text> Preparation::texts_of(const Request& request) const {
  const std::string& line = request.text;
  if (is_blank(line)) return {};
  std::vector<Text> texts;
  auto sentences = lines_.split_sentences ? split_sentences(line, lines_.language)
                                          : std::vector<LinePart>{{"", line}};
  for (LinePart& sentence : sentences) {
    if (!lines_.split_long) {
      texts.push_back({std::move(sentence.gap), std::move(sentence.text)});
      continue;
    }
    std::string gap = std::move(sentence.gap);
    for (std::string& part : split_bytes(sentence.text, Tokenizer::kMaxBytes)) {
      texts.push_back({gap, std::move(part)});
      gap.clear();  // the space that a text was cut at begins the next one
    }
  }
  encode(request, texts);
  return texts;
}

void Preparation::encode(const Request& request, std::vector<Text>& texts) const {
  const Tokenizer& tokenizer = *tokenizers_.source;
  if (!search_of(request).want_attention) {
    for (Text& text : texts) text.ids = tokenizer.encode(text.text);
    return;
  }
  std::vector<SpannedIds> encoded;
  for (const Text& text : texts) encoded.push_back(tokenizer.encode_spans(text.text));
  std::vector<TextPart> parts;
  for (size_t i = 0; i < texts.size(); ++i) parts.push_back({texts[i].text, encoded[i].spans});
  std::vector<PieceWords> words = words_of_parts(request.text, parts);
  for (size_t i = 0; i < texts.size(); ++i) {
    texts[i].ids = std::move(encoded[i].ids);
    texts[i].words = std::move(words[i]);
  }
}

// What the model cannot see of a line, each text once.
void Preparation::note_unknown(const std::vector<Text>& texts, TranslationNotes& notes) const {
  const Tokenizer& tokenizer = *tokenizers_.source;
  std::set<std::string> seen;
  for (const Text& text : texts) {
    if (std::ranges::count(text.ids, tokenizer.special().unknown) == 0) continue;
    SpannedIds encoded = tokenizer.encode_spans(text.text);
    for (size_t i = 0; i < encoded.ids.size(); ++i) {
      if (encoded.ids[i] != tokenizer.special().unknown) continue;
      ByteSpan span = encoded.spans[i];
      std::string raw = text.text.substr(span.begin, span.end - span.begin);
      // A space before it belongs to the piece; what is white space alone is to be seen.
      std::string written(is_blank(raw) ? raw : trim(raw));
      if (seen.insert(written).second) notes.unknown.push_back(written);
    }
  }
}

// What stands before a piece within a text.
std::string Preparation::gap_before(const Text& text, size_t piece) const {
  return tokenizers_.source->piece(text.ids[piece]).starts_with(kWordMark) ? " " : "";
}

// Cuts a text that is too long, or splits it.
void Preparation::add_parts(Text text, Prepared& prepared) const {
  auto longest = static_cast<size_t>(limits_.max_length);
  size_t limit = std::max(longest, tag_.size() + 1) - tag_.size();
  std::vector<size_t> ends;
  if (text.ids.size() > limit && lines_.split_long) {
    ends = split_points(tokenizers_.source->pieces(text.ids), limit);
  } else if (text.ids.size() > limit) {
    prepared.notes.cuts.push_back(fmt::format("{} pieces, cut to {} (data.max_length)",
                                              text.ids.size() + tag_.size(), limit + tag_.size()));
    text.ids.resize(limit);
  } else if (text.text.size() > Tokenizer::kMaxBytes) {
    prepared.notes.cuts.push_back(bytes_cut(text.text.size()));
  }
  ends.push_back(text.ids.size());
  for (size_t first = 0; size_t end : ends) {
    Part part{
        .gap = first == 0 ? text.gap : gap_before(text, first), .text = text.text, .first = first};
    auto from = static_cast<ptrdiff_t>(first), to = static_cast<ptrdiff_t>(end);
    part.source.assign(text.ids.begin() + from, text.ids.begin() + to);
    if (!text.words.empty()) {
      part.words.assign(text.words.begin() + from, text.words.begin() + to);
    }
    // A text of invisible characters alone has no piece.
    if (!part.source.empty()) prepared.parts.push_back(tagged(std::move(part)));
    first = end;
  }
}

Part Preparation::tagged(Part part) const {
  part.source.insert(part.source.begin(), tag_.begin(), tag_.end());
  if (!part.words.empty()) part.words.insert(part.words.begin(), tag_.size(), kNoWord);
  return part;
}

std::vector<int32_t> Preparation::encode_target(const std::string& text,
                                                std::vector<std::string>& notes) const {
  std::vector<int32_t> ids = tokenizers_.target->encode(text);
  if (std::ranges::count(ids, tokenizers_.target->special().unknown) > 0) {
    notes.push_back(fmt::format("\"{}\" has characters that the vocabulary does not know",
                                printable(text, 80)));
  }
  return ids;
}

}  // namespace heed
