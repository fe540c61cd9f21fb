#include "data/corpus.h"

#include "data/pair_encoder.h"
#include "util/error.h"
#include "util/file_content.h"
#include "util/random.h"
#include "util/text.h"

namespace heed {

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

void FilterCounts::add(const FilterCounts& more) {
  read += more.read;
  kept += more.kept;
  blank += more.blank;
  too_long += more.too_long;
  ratio += more.ratio;
  unmatched += more.unmatched;
  linked += more.linked;
}

void Sentences::add(const std::vector<int32_t>& ids) {
  ids_.insert(ids_.end(), ids.begin(), ids.end());
  starts_.push_back(ids_.size());
}

std::string Sentences::checksum() const {
  return heed::checksum(
      {reinterpret_cast<const char*>(ids_.data()), ids_.size() * sizeof(int32_t)});
}

Corpus read_corpus(const ParallelText& text, const TokenizerPair& tokenizers,
                   const DataConfig& limits, const ReadOptions& options) {
  auto drawn = [&](int64_t line) {
    double share = static_cast<double>(options.most) / static_cast<double>(text.lines());
    if (share >= 1) return true;
    uint64_t random = SplitMix64::hash(options.seed ^ SplitMix64::hash(line));
    return static_cast<double>(random) < share * 0x1p64;
  };
  std::vector<BlockDraw> draws;
  for (int64_t i = 0; i < text.blocks(); ++i) {
    const ParallelText::Block& block = text.block(i);
    BlockDraw& draw = draws.emplace_back(BlockDraw{i, {}});
    for (int64_t k = 0; k < block.lines; ++k) draw.lines[k] = drawn(block.first_line + k);
  }
  Corpus corpus;
  PairEncoder encoder(text, tokenizers, limits, options.threads);
  Progress progress({.what = "encoding", .total = drawn_pairs(draws), .unit = "pairs"});
  encoder.add(draws, corpus, &progress);
  encoder.warn_of_losses(corpus.counts);
  if (corpus.size() == 0) {
    fail("{}: no pair to use: {}", text.names(), corpus.counts.summary(limits));
  }
  return corpus;
}

}  // namespace heed
