#include "data/pair_encoder.h"

#include <algorithm>

#include "alignment/pharaoh.h"
#include "data/tags.h"
#include "util/log.h"
#include "util/text.h"

namespace heed {
namespace {

// Blocks that are encoded together: enough for every thread to have several, few enough to be held
// twice. Processes that share them have more, to meet seldom.
constexpr size_t kGroup = 32, kSharedGroup = 256;

bool differs_too_much(size_t a, size_t b, double ratio) {
  if (ratio <= 0) return false;
  return static_cast<double>(std::max(a, b)) > ratio * static_cast<double>(std::min(a, b));
}

void add_repairs(Repairs& sum, const Repairs& more) {
  if (more.lines == 0) return;
  sum.first = sum.lines == 0 ? more.first : std::min(sum.first, more.first);
  sum.lines += more.lines;
}

Fate fate_of(const EncodedPair& pair, const DataConfig& limits) {
  size_t source = pair.source.size(), target = pair.target.size();
  auto longest = static_cast<size_t>(limits.max_length);
  if (source == 0 || target == 0) return Fate::kBlank;
  if (source > longest || target > longest) return Fate::kTooLong;
  return differs_too_much(source, target, limits.max_length_ratio) ? Fate::kRatio : Fate::kKept;
}

// The pieces of a text; their bytes only where alignments are given, which need them.
SpannedIds encode_text(const Tokenizer& tokenizer, const std::string& text, bool aligned) {
  if (aligned) return tokenizer.encode_spans(text);
  return {tokenizer.encode(text), {}};
}

// A text without pieces stays so: the pair is dropped.
std::vector<int32_t> with_tag(const std::vector<int32_t>& tag, std::vector<int32_t> ids) {
  if (!ids.empty()) ids.insert(ids.begin(), tag.begin(), tag.end());
  return ids;
}

}  // namespace

int64_t drawn_pairs(std::span<const BlockDraw> draws) {
  int64_t pairs = 0;
  for (const BlockDraw& draw : draws) pairs += static_cast<int64_t>(draw.lines.count());
  return pairs;
}

PairEncoder::PairEncoder(const ParallelText& text, const TokenizerPair& tokenizers,
                         const DataConfig& limits, int64_t workers, Sharing sharing)
    : text_(text),
      tokenizers_(tokenizers),
      limits_(limits),
      workers_(workers),
      sharing_(std::move(sharing)),
      repairs_(text.files()) {
  for (int64_t file = 0; file < text.files(); ++file) {
    tags_.push_back(encode_tag(tokenizers.source, text.tag(file), "[data] tags:"));
  }
}

EncodedBlock PairEncoder::encode(const BlockDraw& draw) const {
  ParallelText::Lines lines = text_.read(draw.block, draw.lines);
  int64_t file = text_.block(draw.block).file;
  EncodedBlock encoded{{}, lines.source_repairs, lines.target_repairs, {}};
  for (size_t i = 0; i < lines.source.size(); ++i) {
    if (!draw.lines[i]) continue;
    const std::string &source = lines.source[i], &target = lines.target[i];
    EncodedPair& pair = encoded.pairs.emplace_back();
    pair.fate = Fate::kBlank;
    if (is_blank(source) || is_blank(target)) continue;
    SpannedIds source_pieces = encode_text(tokenizers_.source, source, text_.aligned());
    SpannedIds target_pieces = encode_text(tokenizers_.target, target, text_.aligned());
    pair.source = with_tag(tags_[file], std::move(source_pieces.ids));
    pair.target = std::move(target_pieces.ids);
    pair.fate = fate_of(pair, limits_);
    if (pair.fate != Fate::kKept) continue;
    auto line = static_cast<int64_t>(i);
    encoded.round_trip.add(tokenizers_.target, target, pair.target, text_.target_path(file),
                           text_.line_in_file(draw.block, line));
    if (!text_.aligned()) continue;
    std::string where = text_.alignment_place(draw.block, line);
    pair.links = parse_pharaoh(lines.alignment[i], where);
    check_links(pair.links, {count_words(source), count_words(target)}, where);
    pair.source_words = words_of_pieces(source, source_pieces.spans);
    pair.source_words.insert(pair.source_words.begin(), tags_[file].size(), kNoWord);
    pair.target_words = words_of_pieces(target, target_pieces.spans);
  }
  return encoded;
}

std::vector<EncodedBlock> PairEncoder::encode(std::span<const BlockDraw> draws) {
  std::vector<EncodedBlock> encoded(draws.size());
  std::atomic<size_t> next = 0;
  workers_.run([&](int64_t) {
    for (size_t i; (i = next++) < draws.size();) encoded[i] = encode(draws[i]);
  });
  return encoded;
}

void PairEncoder::append(const BlockDraw& draw, const EncodedBlock& encoded, Corpus& corpus) {
  FilterCounts& counts = corpus.counts;
  for (const EncodedPair& pair : encoded.pairs) {
    ++counts.read;
    counts.kept += pair.fate == Fate::kKept;
    counts.blank += pair.fate == Fate::kBlank;
    counts.too_long += pair.fate == Fate::kTooLong;
    counts.ratio += pair.fate == Fate::kRatio;
    if (pair.fate != Fate::kKept) continue;
    corpus.source.add(pair.source);
    corpus.target.add(pair.target);
    if (!text_.aligned()) continue;
    counts.linked += pair.links.empty() ? 0 : 1;
    counts.unmatched += corpus.alignments.add(pair.links, pair.source_words, pair.target_words);
  }
  corpus.round_trip.add(encoded.round_trip);
  auto& [source, target] = repairs_[text_.block(draw.block).file];
  add_repairs(source, encoded.source_repairs);
  add_repairs(target, encoded.target_repairs);
}

void PairEncoder::append(std::span<const BlockDraw> draws, const std::vector<EncodedBlock>& encoded,
                         Corpus& corpus) {
  for (size_t i = 0; i < draws.size(); ++i) append(draws[i], encoded[i], corpus);
}

void PairEncoder::add(std::span<const BlockDraw> draws, Corpus& corpus, Progress* progress) {
  bool alone = sharing_.size == 1;
  auto share = static_cast<size_t>(sharing_.size);
  size_t most = alone ? kGroup : std::max(kSharedGroup, share);
  while (!draws.empty() && !stopping_) {
    auto group = draws.first(std::min(most, draws.size()));
    if (alone) {
      append(group, encode(group), corpus);
    } else {
      add_shared(group, corpus);
    }
    if (progress) progress->add(drawn_pairs(group));
    draws = draws.subspan(group.size());
  }
}

// What comes from others is no other than what this process would have made of it.
void PairEncoder::add_shared(std::span<const BlockDraw> draws, Corpus& corpus) {
  auto share_of = [&](int64_t rank) {
    size_t begin = draws.size() * rank / sharing_.size;
    return draws.subspan(begin, draws.size() * (rank + 1) / sharing_.size - begin);
  };
  auto gathered = sharing_.gather(to_bytes(encode(share_of(sharing_.rank))),
                                  [this] { return stopping_.load(); });
  if (!gathered) return;
  for (int64_t rank = 0; rank < sharing_.size; ++rank) {
    append(share_of(rank), blocks_from((*gathered)[rank]), corpus);
  }
}

void PairEncoder::warn_of_losses(const FilterCounts& counts) const {
  for (size_t file = 0; file < repairs_.size(); ++file) {
    text_.warn_of_repairs(static_cast<int64_t>(file), repairs_[file].first, repairs_[file].second);
  }
  if (text_.aligned() && counts.kept > 0 && counts.linked == 0) {
    log_warning("{}: none of {} pairs has a link: there is nothing to guide attention by",
                text_.alignment_names(), with_commas(counts.kept));
  }
  if (counts.unmatched == 0) return;
  log_warning(
      "{}: {} pairs have links to words of which normalisation leaves nothing; these links are "
      "left "
      "out",
      text_.alignment_names(), with_commas(counts.unmatched));
}

}  // namespace heed
