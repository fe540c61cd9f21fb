#include "data/batcher.h"

#include <algorithm>
#include <future>
#include <numeric>

#include "data/shuffle.h"
#include "util/clock.h"

namespace heed {
namespace {

constexpr size_t kQueueLength = 8;
// Pairs sorted by length together: enough for little padding, few enough for varied batches.
constexpr int64_t kSortedPairs = 1 << 17;

// Cuts a sorted order into batches whose longer side has at most `batch_tokens` padded tokens.
void cut_batches(const Corpus& corpus, std::span<const int64_t> order, int64_t batch_tokens,
                 std::vector<std::vector<int64_t>>& batches) {
  std::vector<int64_t> current;
  int64_t longest = 0;
  for (int64_t pair : order) {
    int64_t length = std::max(corpus.source.length(pair), corpus.target.length(pair)) + 1;
    int64_t rows = static_cast<int64_t>(current.size()) + 1;
    if (!current.empty() && rows * std::max(longest, length) > batch_tokens) {
      batches.push_back(std::move(current));
      current.clear();
      longest = 0;
    }
    current.push_back(pair);
    longest = std::max(longest, length);
  }
  if (!current.empty()) batches.push_back(std::move(current));
}

// One of a sentence's other splits into pieces.
struct Sample {
  std::vector<int32_t> ids;
  PieceWords words;  // of each piece, where those of the sentence's own pieces are given
};

Sample draw_sample(const Tokenizer& tokenizer, SentenceView ids, const PieceWords& words,
                   const BatcherOptions& options) {
  Sample whole{{ids.begin(), ids.end()}, words};
  // Text that the vocabulary cannot write is left as it is: decoding would lose it.
  if (std::ranges::count(ids, tokenizer.special().unknown) > 0) return whole;
  SpannedText text = tokenizer.decode_spans(whole.ids);
  SpannedIds sampled = tokenizer.sample(text.text, options.sampling_alpha);
  if (sampled.ids.empty() || std::ssize(sampled.ids) > options.max_length) return whole;
  PieceWords carried;
  if (!words.empty()) carried = carry_words(text.text, text.spans, words, sampled.spans);
  return {std::move(sampled.ids), std::move(carried)};
}

// The pairs of each batch of one pool: those that are drawn there.
std::vector<std::vector<int64_t>> plan_pool(const Pool& pool, const BatcherOptions& options,
                                            DataPosition at) {
  const Corpus& corpus = *pool.corpus;
  SplitMix64 random(
      mix(options.seed, static_cast<uint64_t>(at.epoch), static_cast<uint64_t>(at.pool)));
  std::vector<int64_t> order = pool.drawn;
  shuffle(order, random);
  // Buckets of two target and two source lengths, whose borders move from epoch to epoch, keep the
  // padding low without making the same batches again and again.
  int64_t target_shift = static_cast<int64_t>(random.below(2));
  int64_t source_shift = static_cast<int64_t>(random.below(2));
  auto bucket = [&](int64_t pair) {
    return std::pair((corpus.target.length(pair) + target_shift) / 2,
                     (corpus.source.length(pair) + source_shift) / 2);
  };
  std::vector<std::vector<int64_t>> batches;
  for (int64_t start = 0; start < std::ssize(order); start += kSortedPairs) {
    int64_t end = std::min(start + kSortedPairs, std::ssize(order));
    std::stable_sort(order.begin() + start, order.begin() + end,
                     [&](int64_t a, int64_t b) { return bucket(a) < bucket(b); });
    cut_batches(corpus, {order.data() + start, order.data() + end}, options.batch_tokens, batches);
  }
  shuffle(batches, random);
  return batches;
}

}  // namespace

std::vector<std::vector<int64_t>> plan_epoch(const Corpus& corpus, const BatcherOptions& options,
                                             int64_t epoch) {
  return plan_pool(OnePool(corpus).get(epoch, 0), options, {.epoch = epoch});
}

std::vector<std::vector<int64_t>> cut_into_parts(const Corpus& corpus, std::vector<int64_t> pairs,
                                                 int64_t parts) {
  if (parts == 1) return {std::move(pairs)};
  std::ranges::stable_sort(pairs, [&](int64_t a, int64_t b) {
    return std::pair(corpus.target.length(a), corpus.source.length(a)) <
           std::pair(corpus.target.length(b), corpus.source.length(b));
  });
  // The end symbols count too.
  auto tokens = [&](int64_t pair) {
    return corpus.source.length(pair) + corpus.target.length(pair) + 2;
  };
  int64_t total = 0, before = 0;
  for (int64_t pair : pairs) total += tokens(pair);
  std::vector<std::vector<int64_t>> cut(parts);
  for (int64_t pair : pairs) {
    // By where the pair's middle falls.
    cut[(2 * before + tokens(pair)) * parts / (2 * total)].push_back(pair);
    before += tokens(pair);
  }
  std::erase_if(cut, [](const auto& part) { return part.empty(); });
  return cut;
}

std::vector<std::vector<int64_t>> plan_in_order(const Corpus& corpus, int64_t batch_tokens) {
  std::vector<int64_t> order(corpus.size());
  std::iota(order.begin(), order.end(), int64_t{0});
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    return std::pair(corpus.target.length(a), corpus.source.length(a)) <
           std::pair(corpus.target.length(b), corpus.source.length(b));
  });
  std::vector<std::vector<int64_t>> batches;
  cut_batches(corpus, order, batch_tokens, batches);
  return batches;
}

Batch gather_batch(const Corpus& corpus, const std::vector<int64_t>& pairs,
                   const TokenizerPair& tokenizers) {
  std::vector<SentenceView> source, target;
  for (int64_t pair : pairs) {
    source.push_back(corpus.source[pair]);
    target.push_back(corpus.target[pair]);
  }
  Batch batch =
      make_batch(source, target, tokenizers.source.special(), tokenizers.target.special());
  if (corpus.alignments.size() > 0) {
    std::vector<AlignedPair> aligned;
    for (int64_t pair : pairs) aligned.push_back(corpus.alignments[pair]);
    batch.alignment = alignment_of(batch, aligned);
  }
  return batch;
}

Batcher::Batcher(Pools& pools, const TokenizerPair& tokenizers, const BatcherOptions& options,
                 DataPosition start)
    : pools_(pools),
      tokenizers_(tokenizers),
      options_(options),
      position_(start),
      epochs_(static_cast<double>(start.epoch)),
      producer_([this, start] { produce(start); }) {}

Batcher::Batcher(const Corpus& corpus, const TokenizerPair& tokenizers,
                 const BatcherOptions& options, DataPosition start)
    : own_(std::make_unique<OnePool>(corpus)),
      pools_(*own_),
      tokenizers_(tokenizers),
      options_(options),
      position_(start),
      epochs_(static_cast<double>(start.epoch)),
      producer_([this, start] { produce(start); }) {}

Batcher::~Batcher() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  pools_.stop();
  changed_.notify_all();
  producer_.join();
}

std::vector<Batch> Batcher::next() {
  double start = seconds_now();
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !queue_.empty() || failure_ != nullptr; });
  if (queue_.empty()) std::rethrow_exception(failure_);
  Item item = std::move(queue_.front());
  queue_.pop_front();
  lock.unlock();
  changed_.notify_all();
  position_ = item.after;
  epochs_ = item.epochs_after;
  waited_ += seconds_now() - start;
  return std::move(item.parts);
}

bool Batcher::offer(Item item) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return stopping_ || queue_.size() < kQueueLength; });
  if (stopping_) return false;
  queue_.push_back(std::move(item));
  lock.unlock();
  changed_.notify_all();
  return true;
}

bool Batcher::stopping() {
  std::lock_guard lock(mutex_);
  return stopping_;
}

// While batches of a pool are given, the next is read.
void Batcher::produce(DataPosition start) {
  try {
    auto read = [this](DataPosition at) {
      return std::async(std::launch::async, [this, at] { return pools_.get(at.epoch, at.pool); });
    };
    DataPosition at = start;
    for (std::future<Pool> ahead = read(at); !stopping();) {
      Pool pool = ahead.get();
      DataPosition next{at.epoch, 0, at.pool + 1};
      if (next.pool >= pool.pools) next = {at.epoch + 1, 0, 0};
      if (!stopping()) ahead = read(next);
      if (!give_pool(pool, at, next)) return;
      at = next;
    }
  } catch (...) {
    std::lock_guard lock(mutex_);
    failure_ = std::current_exception();
    changed_.notify_all();
  }
}

// False where the batcher ends.
bool Batcher::give_pool(const Pool& pool, DataPosition from, DataPosition next) {
  auto plan = plan_pool(pool, options_, from);
  auto count = static_cast<int64_t>(plan.size());
  for (int64_t i = from.batch; i < count; ++i) {
    DataPosition at{from.epoch, i, from.pool};
    bool last = i + 1 == count;
    DataPosition after = last ? next : DataPosition{from.epoch, i + 1, from.pool};
    double part =
        static_cast<double>(from.pool) + static_cast<double>(i + 1) / static_cast<double>(count);
    double epochs = static_cast<double>(from.epoch) + part / static_cast<double>(pool.pools);
    if (!offer({prepare(*pool.corpus, plan[i], at), after, epochs})) return false;
  }
  return true;
}

std::vector<Batch> Batcher::prepare(const Corpus& corpus, const std::vector<int64_t>& pairs,
                                    DataPosition at) const {
  std::vector<Batch> batches;
  auto parts = cut_into_parts(corpus, pairs, options_.parts);
  int64_t end = std::min(options_.end_part, std::ssize(parts));
  auto batch = static_cast<uint64_t>(at.pool << 32) + static_cast<uint64_t>(at.batch + 1);
  uint64_t seed = mix(options_.seed, at.epoch + 1, batch);
  for (int64_t i = options_.first_part; i < end; ++i) {
    if (options_.sampling_alpha == 0) {
      batches.push_back(gather_batch(corpus, parts[i], tokenizers_));
      continue;
    }
    // SentencePiece seeds its generator once a thread: a thread a part makes the samples a function
    // of seed, epoch, pool, batch and part, so that a resumed training draws the same, in whatever
    // process.
    seed_sampling(static_cast<uint32_t>(seed + i));
    auto sample = [&] { batches.push_back(sample_batch(corpus, parts[i])); };
    std::async(std::launch::async, sample).get();
  }
  return batches;
}

Batch Batcher::sample_batch(const Corpus& corpus, const std::vector<int64_t>& pairs) const {
  std::vector<std::vector<int32_t>> source, target;
  std::vector<AlignedPair> aligned;
  bool has_links = corpus.alignments.size() > 0;
  for (int64_t i : pairs) {
    AlignedPair pair = has_links ? corpus.alignments[i] : AlignedPair{};
    Sample from = draw_sample(tokenizers_.source, corpus.source[i], pair.source, options_);
    Sample to = draw_sample(tokenizers_.target, corpus.target[i], pair.target, options_);
    source.push_back(std::move(from.ids));
    target.push_back(std::move(to.ids));
    aligned.push_back({pair.links, std::move(from.words), std::move(to.words)});
  }
  Batch batch = make_batch({source.begin(), source.end()}, {target.begin(), target.end()},
                           tokenizers_.source.special(), tokenizers_.target.special());
  if (has_links) batch.alignment = alignment_of(batch, aligned);
  return batch;
}

}  // namespace heed
