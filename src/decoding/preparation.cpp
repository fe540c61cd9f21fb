#include "decoding/preparation.h"

#include <fmt/format.h>

#include <algorithm>

#include "decoding/splitting.h"
#include "util/text.h"

namespace heed {
namespace {

constexpr int kPartBits = 20;  // of a number that tells parts of lines apart

}  // namespace

Prepared Preparation::operator()(const Request& request) const {
  Prepared prepared;
  for (std::string& text : texts_of(request.text)) add_parts(std::move(text), prepared);
  for (size_t i = 0; i < prepared.parts.size(); ++i) {
    prepared.parts[i].demand.number = (request.number << kPartBits) + i;
  }
  if (prepared.parts.empty()) return prepared;
  Demand& demand = prepared.parts[0].demand;
  demand.prefix = encode_target(request.prefix, prepared.notes);
  for (const std::string& phrase : request.phrases) {
    demand.phrases.push_back(encode_target(phrase, prepared.notes));
  }
  return prepared;
}

std::vector<std::string> Preparation::texts_of(const std::string& line) const {
  if (is_blank(line)) return {};
  auto sentences = lines_.split_sentences ? split_sentences(line) : std::vector<std::string>{line};
  if (!lines_.split_long) return sentences;
  std::vector<std::string> texts;
  for (const std::string& sentence : sentences) {
    std::ranges::move(split_bytes(sentence, Tokenizer::kMaxBytes), std::back_inserter(texts));
  }
  return texts;
}

// Cuts a text that is too long, or splits it.
void Preparation::add_parts(std::string text, Prepared& prepared) const {
  std::vector<int32_t> ids = tokenizers_.source->encode(text);
  auto limit = static_cast<size_t>(max_length_);
  std::vector<size_t> ends;
  if (ids.size() > limit && lines_.split_long) {
    ends = split_points(tokenizers_.source->pieces(ids), limit);
  } else if (ids.size() > limit) {
    prepared.notes.cuts.push_back(
        fmt::format("{} pieces, cut to {} (data.max_length)", ids.size(), limit));
    ids.resize(limit);
  }
  ends.push_back(ids.size());
  for (size_t first = 0; size_t end : ends) {
    std::vector<int32_t> own(ids.begin() + static_cast<ptrdiff_t>(first),
                             ids.begin() + static_cast<ptrdiff_t>(end));
    // A text of invisible characters alone has no piece.
    if (!own.empty()) prepared.parts.push_back({text, first, std::move(own), {}});
    first = end;
  }
}

std::vector<int32_t> Preparation::encode_target(const std::string& text,
                                                TranslationNotes& notes) const {
  std::vector<int32_t> ids = tokenizers_.target->encode(text);
  if (std::ranges::count(ids, tokenizers_.target->special().unknown) > 0) {
    notes.warnings.push_back(fmt::format("\"{}\" has characters that the vocabulary does not know",
                                         printable(text, 80)));
  }
  return ids;
}

}  // namespace heed
