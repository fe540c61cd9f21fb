#include "data/pools.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "config/values.h"
#include "data/shuffle.h"
#include "util/error.h"
#include "util/log.h"
#include "util/text.h"

namespace heed {
namespace {

constexpr std::string_view kTexts = "training targets";

double weight_of(const PoolOptions& options, int64_t file) {
  return options.weights.empty() ? 1 : options.weights[file];
}

uint64_t random_of(const PoolOptions& options, int64_t pair) {
  return SplitMix64::hash(options.seed ^ SplitMix64::hash(static_cast<uint64_t>(pair)));
}

// Nothing where all are 1.
std::string plan_of_weights(const PoolOptions& options) {
  bool even = std::ranges::all_of(options.weights, [](double weight) { return weight == 1; });
  return even ? "" : " weights " + print_value(options.weights);
}

BlockDraw whole_block(int64_t block) { return {block, ParallelText::Wanted().set()}; }

void log_files(const ParallelText& text, const PoolOptions& options) {
  if (text.files() == 1) return;
  for (int64_t file = 0; file < text.files(); ++file) {
    log_info("data: train: {}: {} pairs, weight {}", text.names(file),
             with_commas(text.lines(file)), weight_of(options, file));
  }
}

std::unique_ptr<Pools> read_whole(const ParallelText& text, const TokenizerPair& tokenizers,
                                  const DataConfig& limits, const PoolOptions& options) {
  PairEncoder encoder(text, tokenizers, limits, options.threads, options.sharing);
  Corpus corpus;
  std::vector<int64_t> file_ends;
  std::vector<BlockDraw> draws;
  for (int64_t block = 0; block < text.blocks(); ++block) draws.push_back(whole_block(block));
  std::span<const BlockDraw> left = draws;
  Progress progress({.what = "encoding", .total = text.lines(), .unit = "pairs"});
  for (int64_t file = 0; file < text.files(); ++file) {
    auto end = std::ranges::find_if(
        left, [&](const BlockDraw& draw) { return text.block(draw.block).file != file; });
    auto count = static_cast<size_t>(end - left.begin());
    encoder.add(left.first(count), corpus, &progress);
    left = left.subspan(count);
    file_ends.push_back(corpus.size());
  }
  encoder.warn_of_losses(corpus.counts);
  std::string summary = corpus.counts.summary(limits);
  if (corpus.size() == 0) fail("{}: no pair to use: {}", text.names(), summary);
  log_info("data: train: {}", summary);
  warn_of_changes(corpus.round_trip, kTexts, options.vocabulary);
  if (corpus.size() < 2) fail("{}: a training needs at least 2 pairs: {}", text.names(), summary);
  return std::make_unique<OnePool>(std::move(corpus), std::move(file_ends), options);
}

}  // namespace

int64_t times_drawn(double weight, int64_t epoch, uint64_t random) {
  double shift = static_cast<double>(random >> 32) * 0x1p-32;
  auto until = [&](int64_t epochs) {
    return std::floor(static_cast<double>(epochs) * weight + shift);
  };
  return static_cast<int64_t>(until(epoch + 1) - until(epoch));
}

OnePool::OnePool(const Corpus& corpus)
    : corpus_(std::shared_ptr<const Corpus>(), &corpus), file_ends_{corpus.size()}, options_{} {}

OnePool::OnePool(Corpus corpus, std::vector<int64_t> file_ends, const PoolOptions& options)
    : corpus_(std::make_shared<const Corpus>(std::move(corpus))),
      file_ends_(std::move(file_ends)),
      options_(options) {}

Pool OnePool::get(int64_t epoch, int64_t) {
  Pool pool{corpus_, {}, 1};
  pool.drawn.reserve(corpus_->size());
  int64_t pair = 0;
  for (int64_t file = 0; file < std::ssize(file_ends_); ++file) {
    double weight = weight_of(options_, file);
    for (; pair < file_ends_[file]; ++pair) {
      int64_t times = weight == 1 ? 1 : times_drawn(weight, epoch, random_of(options_, pair));
      pool.drawn.insert(pool.drawn.end(), times, pair);
    }
  }
  return pool;
}

std::string OnePool::plan() const { return plan_of_weights(options_); }

StreamedPools::StreamedPools(std::unique_ptr<ParallelText> text, const TokenizerPair& tokenizers,
                             const DataConfig& limits, const PoolOptions& options)
    : text_(std::move(text)),
      limits_(limits),
      options_(options),
      encoder_(*text_, tokenizers, limits, options.threads, options.sharing) {
  plan(0);
  log_info(
      "data: train: {} pairs, more than data.pool_pairs = {}: read in {} pools an epoch, and what "
      "is "
      "dropped is told at its end",
      with_commas(text_->lines()), with_commas(options.pairs), plan_.starts.size() - 1);
}

BlockDraw StreamedPools::draw(int64_t epoch, const Entry& entry) const {
  const ParallelText::Block& block = text_->block(entry.block);
  double weight = weight_of(options_, block.file);
  BlockDraw draw{entry.block, {}};
  for (int64_t i = 0; i < block.lines; ++i) {
    int64_t times =
        weight == 1 ? 1 : times_drawn(weight, epoch, random_of(options_, block.first_line + i));
    draw.lines[i] = times > static_cast<int64_t>(entry.copy);
  }
  return draw;
}

void StreamedPools::plan(int64_t epoch) {
  if (plan_.epoch == epoch) return;
  plan_ = {epoch, {}, {0}};
  for (int64_t i = 0; i < text_->blocks(); ++i) {
    double copies = std::ceil(weight_of(options_, text_->block(i).file));
    for (uint32_t copy = 0; copy < copies; ++copy) {
      plan_.entries.push_back({static_cast<uint32_t>(i), copy});
    }
  }
  SplitMix64 random(mix(options_.seed, static_cast<uint64_t>(epoch), ~uint64_t{0}));
  shuffle(plan_.entries, random);
  std::vector<int64_t> ends;  // of each entry, in pairs
  int64_t total = 0;
  for (const Entry& entry : plan_.entries) {
    ends.push_back(total += static_cast<int64_t>(draw(epoch, entry).lines.count()));
  }
  // Pools of about the same size: an entry goes to the one that its middle falls in.
  int64_t pools = std::max<int64_t>(1, (total + options_.pairs - 1) / options_.pairs);
  for (size_t i = 0; i < ends.size() && pools > 1; ++i) {
    int64_t twice_middle = (i == 0 ? 0 : ends[i - 1]) + ends[i];
    auto pool = static_cast<size_t>(std::min(twice_middle * pools / (2 * total), pools - 1));
    while (plan_.starts.size() <= pool) plan_.starts.push_back(i);
  }
  plan_.starts.push_back(plan_.entries.size());
}

Pool StreamedPools::get(int64_t epoch, int64_t number) {
  if (last_place_ == std::pair(epoch, number)) return last_;
  plan(epoch);
  auto pools = static_cast<int64_t>(plan_.starts.size()) - 1;
  if (number < 0 || number >= pools) {
    fail("{}: an epoch has {} pools, and pool {} is asked for", text_->names(), pools, number + 1);
  }
  last_ = {};  // before the next takes its memory
  last_place_ = {-1, -1};
  auto corpus = std::make_shared<Corpus>();
  std::vector<BlockDraw> draws;
  for (size_t i = plan_.starts[number]; i < plan_.starts[number + 1]; ++i) {
    draws.push_back(draw(epoch, plan_.entries[i]));
  }
  // Later ones are read while training goes on.
  std::optional<Progress> progress;
  if (first_counted_ < 0) {
    progress.emplace(Work{.what = "encoding a pool", .total = drawn_pairs(draws), .unit = "pairs"});
  }
  encoder_.add(draws, *corpus, progress ? &*progress : nullptr);
  progress.reset();
  if (encoder_.stopped()) return {std::move(corpus), {}, 1};
  if (number == 0 || first_counted_ < 0) {
    counts_ = {};
    round_trip_ = {};
    first_counted_ = number;
  }
  counts_.add(corpus->counts);
  round_trip_.add(corpus->round_trip);
  if (number + 1 == pools) report(number);
  last_ = {corpus, std::vector<int64_t>(corpus->size()), pools};
  std::iota(last_.drawn.begin(), last_.drawn.end(), int64_t{0});
  last_place_ = {epoch, number};
  return last_;
}

void StreamedPools::report(int64_t number) {
  std::string from = first_counted_ == 0
                         ? ""
                         : fmt::format(", from pool {} of {} on", first_counted_ + 1, number + 1);
  std::string summary = counts_.summary(limits_);
  if (counts_.kept == 0 && first_counted_ == 0 && counts_.read > 0) {
    fail("{}: no pair to use: {}", text_->names(), summary);
  }
  log_info("data: train: epoch {}{}: {}", plan_.epoch + 1, from, summary);
  if (warned_) return;
  encoder_.warn_of_losses(counts_);
  warn_of_changes(round_trip_, kTexts, options_.vocabulary);
  warned_ = true;
}

std::string StreamedPools::checksum() const { return "text " + text_->checksum(); }

std::string StreamedPools::plan() const {
  return fmt::format(" pools of {}{}", options_.pairs, plan_of_weights(options_));
}

std::unique_ptr<Pools> make_pools(std::unique_ptr<ParallelText> text,
                                  const TokenizerPair& tokenizers, const DataConfig& limits,
                                  const PoolOptions& options) {
  log_files(*text, options);
  if (text->lines() <= options.pairs) return read_whole(*text, tokenizers, limits, options);
  return std::make_unique<StreamedPools>(std::move(text), tokenizers, limits, options);
}

}  // namespace heed
